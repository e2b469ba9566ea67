/** What persistproc writes is for this user only, and what others could write to is not trusted. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { noOtherUser } from "../support/other_user.ts";
import { outputOf } from "../support/output_of.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** The mode of every file and directory in one, by path, as `ls` counts it. */
function modes(directory: string): Map<string, string> {
  const found = new Map<string, string>();
  const look = (path: string) => {
    const { mode, isDirectory } = Deno.lstatSync(path);
    found.set(path, `${isDirectory ? "d" : "f"} ${((mode ?? 0) & 0o777).toString(8)}`);
    if (isDirectory) { for (const { name } of Deno.readDirSync(path)) look(join(path, name)); }
  };
  look(directory);
  return found;
}

for (const umask of ["000", "077", "022"]) {
  Deno.test(`directories are 0700 and files 0600 under umask ${umask}`, async () => {
    await using workspace = await Workspace.create();
    /** Runs persistproc as from a shell of somebody with this umask. */
    const under = (args: string[], stdin = "") =>
      workspace.spawnCommand(
        ["/bin/sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...workspace.command(args)],
        { stdin },
      ).end();
    const script = await workspace.write("broken", "#!/bin/sh\n\0", { mode: 0o755 });
    await Deno.writeTextFile(script, "#!/no/such/interpreter\n");
    // Starts the server by itself, which inherits the umask.
    assertEquals((await under(["start", "--stdin", "-", "cat"], "text")).code, 0);
    assertEquals((await under(["start", "--label", "open", "sleep", "1000"])).code, 0);
    await workspace.write("noexec", "\x7fELF", { mode: 0o755 });
    // Told by the answer of the start, or, where its shell takes long to try, afterwards.
    await under(["start", "--label", "noexec", workspace.path("noexec")]);
    const failed = async () =>
      (await workspace.processes()).some(({ label, status }) =>
        label === "noexec" && status === "failed"
      );
    await until(failed, { what: "the failed start" });
    assertEquals((await under(["start", "--pty", "--label", "pty", "sleep", "1000"])).code, 0);
    assertEquals((await under(["restart", "open"])).code, 0);
    assertEquals((await under(["token", "--rotate"])).code, 0);

    const found = modes(workspace.dataDirectory);
    const wrong = [...found].filter(([, mode]) => mode !== "d 700" && mode !== "f 600");
    assertEquals(wrong, []);
    const names = [...found.keys()].join("\n");
    for (const name of ["server.log", "token", "stdout.log", "timeline", "exit", "input/stdin"]) {
      assertStringIncludes(names, name);
    }
  });
}

Deno.test("a data directory that others can write to is refused, with the command that helps", async () => {
  await using workspace = await Workspace.create();
  const { dataDirectory } = workspace;
  await Deno.mkdir(dataDirectory);
  for (const mode of [0o777, 0o770, 0o702]) {
    await Deno.chmod(dataDirectory, mode);
    for (const args of [["serve"], ["list"], ["run", "true"], ["start", "true"], ["token"]]) {
      const { code, stderr } = await workspace.run(args);
      assertEquals(code, 1, args.join(" "));
      assertMatch(
        stderr,
        /^Error: Other users can write to the data directory .*\.\nKeep them out: /,
      );
      assertStringIncludes(stderr, `chmod 700 ${dataDirectory}\n`);
    }
  }
  assertEquals([...Deno.readDirSync(dataDirectory)], []);
  await Deno.chmod(dataDirectory, 0o755);
  assertEquals((await workspace.run(["start", "true"])).code, 0);
});

Deno.test({
  name: "a data directory of another user is refused",
  ignore: noOtherUser !== null,
  async fn() {
    await using workspace = await Workspace.create();
    const { dataDirectory } = workspace;
    await Deno.mkdir(dataDirectory, { mode: 0o700 });
    await Deno.chown(dataDirectory, 65534, 65534);
    for (const args of [["serve"], ["list"], ["run", "true"]]) {
      const { code, stderr } = await workspace.run(args);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "belongs to another user (uid 65534)");
      assertStringIncludes(stderr, "--data-dir DIR");
    }
  },
});

Deno.test("links in a data directory are named, and nothing is written through them", async () => {
  await using workspace = await Workspace.create();
  const { dataDirectory } = workspace;
  const precious = await workspace.write("precious", "text");
  for (const name of ["server.log", "lock", "token", "processes"]) {
    await Deno.mkdir(dataDirectory, { mode: 0o700 });
    const link = join(dataDirectory, name);
    await Deno.symlink(name === "processes" ? workspace.directory : precious, link);
    for (const args of [["serve"], ["start", "true"]]) {
      const { code, stderr } = await workspace.run(args);
      assertEquals(code, 1, `${name}: ${stderr}`);
      assertStringIncludes(stderr, `${name} is a symbolic link`);
      assertStringIncludes(stderr, `rm ${link}`);
    }
    await Deno.remove(dataDirectory, { recursive: true });
  }
  assertEquals(await Deno.readTextFile(precious), "text");
  const names = [...Deno.readDirSync(workspace.directory)].map(({ name }) => name);
  assertEquals(names, ["precious"]);
  assertEquals((await workspace.run(["start", "true"])).code, 0);
});

Deno.test("what an environment holds is in no log, list, error or argument", async () => {
  await using workspace = await Workspace.create();
  // Short, since a parser's error quotes no more than some characters.
  const secret = "s3cr3t-x";
  const env = { MY_TOKEN: secret, "npm_config_//registry/:_authToken": secret };
  const child = await workspace.serve(["-v"], { env });
  const run = (...args: string[]) => workspace.run(args, { env });
  await run("start", "--label", "web", "sh", "-c", "sleep 1000; true");
  await run("start", "--pty", "--label", "pty", "sh", "-c", "sleep 1000; true");
  const said = [
    await workspace.runJson(["list"], { env }),
    await run("list"),
    await run("start", "/no/such/program"),
    await run("start", "--environment", `{"A": ${secret}`, "true"),
    await run("output", "web"),
    await run("restart", "web"),
    await run("stop", "nothing"),
  ].map((answer) => JSON.stringify(answer));
  const agent = await workspace.agent();
  for (const action of ["start", "restart"]) {
    const parameters = {
      action,
      command_or_label: "/no/such/program",
      working_directory: workspace.directory,
      environment: { OTHER: secret },
    };
    said.push(JSON.stringify(await agent.call("ctrl", parameters)));
  }
  said.push(JSON.stringify(await agent.call("list")));
  // A record that is damaged is spoken of, too.
  const processes = join(workspace.dataDirectory, "processes");
  await run("shutdown");
  await child.end();
  for (const { name } of Deno.readDirSync(processes)) {
    const path = join(processes, name, "process.json");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replaceAll(`"${secret}"`, secret));
  }
  await using _next = await workspace.serve([], { env });
  said.push(await outputOf("ps", "-eww", "-o", "args"));
  said.push(await Deno.readTextFile(join(workspace.dataDirectory, "server.log")));
  assertStringIncludes(said.at(-1) ?? "", "could not be read");
  for (const text of said) assert(!text.includes(secret), text.slice(0, 2_000));
});
