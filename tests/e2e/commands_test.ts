/** The commands besides `run`, as scripts use them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../lib/protocol/version.ts";
import { until } from "../support/until.ts";
import { freePort, Workspace } from "../support/workspace.ts";

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("K34 F43 F44 help, version and usage errors create no files", async () => {
  await using workspace = await Workspace.create();
  const help = await workspace.run(["--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  for (const command of ["run", "start", "stop", "restart", "list", "output", "shutdown"]) {
    assertStringIncludes(help.stdout, command);
    const own = await workspace.run([command, "--help"]);
    assertEquals([own.code, own.stderr], [0, ""]);
    assertMatch(own.stdout, new RegExp(`^Usage: +persistproc ${command} `, "m"));
  }
  const version = await workspace.run(["--version"]);
  assertEquals(version, { ...version, code: 0, stdout: `persistproc ${VERSION}\n`, stderr: "" });
  const usage = await workspace.run(["run", "echo 'abc"]);
  assertEquals([usage.code, usage.stdout], [2, ""]);
  assertMatch(usage.stderr, /^Error: .*quote.*\nTry: persistproc .*\n$/);
  const typo = await workspace.run(["lst"]);
  assertEquals(typo.code, 2);
  assertStringIncludes(typo.stderr, "Try: persistproc list");
  assertEquals(await exists(workspace.dataDirectory), false);
});

Deno.test("F55 without a server a command fails and says how to get one", async () => {
  await using workspace = await Workspace.create();
  for (const args of [["list"], ["stop", "web"], ["output"], ["shutdown"]]) {
    const { code, stdout, stderr } = await workspace.run(args);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, String(workspace.port));
    assertStringIncludes(stderr, "persistproc serve");
  }
  assertEquals(await exists(workspace.dataDirectory), false);
});

Deno.test("F57 whoever else has the port is named, and learns nothing", async (t) => {
  await using workspace = await Workspace.create();
  const hostname = "127.0.0.1";

  await t.step("another web server", async () => {
    const requests: string[] = [];
    const options = { hostname, port: workspace.port, onListen: () => {} };
    await using _server = Deno.serve(options, (request) => {
      requests.push(`${request.method} ${request.headers.get("authorization")}`);
      return Response.json({ name: "persistproc", version: VERSION, pid: 1, proof: "0" });
    });
    for (const args of [["list"], ["run", "true"]]) {
      const { code, stderr } = await workspace.run(args, { env: { SECRET: "1" } });
      assertEquals(code, 1);
      assertStringIncludes(stderr, `port ${workspace.port}`);
    }
    assertEquals(new Set(requests), new Set(["GET null"]));
  });

  await t.step("a program that never answers", async () => {
    using _listener = Deno.listen({ hostname, port: workspace.port });
    const { code, stderr } = await workspace.run(["list"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `port ${workspace.port}`);
  });
});

Deno.test("K45 K76 K80 a process from its start to its end", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  assertEquals(await workspace.runJson(["list"]), { processes: [] });
  assertEquals((await workspace.run(["list"])).stdout, "No processes running\n");

  const started = await workspace.run(["start", "--label", "web", "sleep", "100"]);
  const pid = Number(/^Started process with PID: (\d+)\n/.exec(started.stdout)?.[1]);
  assertMatch(started.stdout, /\nLabel: web\nStdout log: \/.*\nStderr log: \/.*\n$/);
  assertEquals(started.stderr, "");
  assertEquals(
    (await workspace.run(["ls"])).stdout.split("\n").slice(0, 3),
    [
      `PID ${pid}: web (running)`,
      "  Command: sleep 100",
      `  Working directory: ${workspace.directory}`,
    ],
  );
  const [entry] = (await workspace.runJson(["list", "--pid", String(pid)])).processes;
  assertEquals([entry.pid, entry.command, entry.status], [pid, ["sleep", "100"], "running"]);
  assertEquals(entry.run_directory, undefined);

  const again = await workspace.run(["start", "--label", "web", "sleep", "100"]);
  assertEquals([again.code, again.stdout.split("\n")[0]], [0, `Already running with PID: ${pid}`]);

  const restarted = await workspace.runJson(["restart", "web"]);
  assertEquals([restarted.previous_pid, restarted.label], [pid, "web"]);
  const text = await workspace.run(["ctrl", "restart", "--label", "web"]);
  assertMatch(text.stdout, /^Process restarted with PID: \d+\n$/);

  const stopped = await workspace.run(["stop", "web"]);
  assertEquals(stopped.stdout, "Process stopped by signal: SIGTERM\n");
  assertEquals(stopped.code, 0);
  const ended = await workspace.run(["stop", "web"]);
  assertEquals([ended.code, ended.stdout], [1, ""]);
  assertMatch(ended.stderr, /^Error: .*not running/);
  assertEquals((await workspace.runJson(["list", "--running"])).processes, []);
});

Deno.test("K79 a command of several words is a target; options behind it are explained", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "sleep", "100"]);
  const misplaced = await workspace.run(["stop", "sleep", "100", "--force"]);
  assertEquals(misplaced.code, 1);
  assertStringIncludes(misplaced.stderr, "options come before the target");
  const stopped = await workspace.run(["stop", "--force", "sleep", "100"]);
  assertEquals(stopped.stdout, "Process stopped by signal: SIGKILL\n");
});

Deno.test("K81 K95 F94 a start takes the caller's environment and directories", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("sub/here", "");
  const script = "echo $FROM_CALLER $FROM_OPTION; pwd";
  const env = { FROM_CALLER: "one" };
  await workspace.run([
    ...["start", "--label", "x", "--working-directory", "sub"],
    ...["--environment", '{"FROM_OPTION":"two"}', "sh", "-c", script],
  ], { env });
  const text = async () => (await workspace.run(["output", "x"])).stdout;
  await until(async () => (await text()).includes("sub"), { what: "its output" });
  assertEquals(await text(), `one two\n${workspace.path("sub")}\n`);
});

Deno.test("K98 K99 K100 K101 F104 F105 output shows the lines that are asked for", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const script = 'for i in 1 3 5; do echo $i; echo $((i+1)) >&2; done; printf "\\033[1mend"';
  await workspace.run(["run", "--label", "count", "sh", "-c", script]);
  const output = async (...args: string[]) =>
    (await workspace.run(["output", ...args, "count"])).stdout;
  assertEquals(await output("--stream", "stdout"), "1\n3\n5\nend\n");
  assertEquals(await output("--stream", "stderr"), "2\n4\n6\n");
  assertEquals((await output("--lines", "3")).trim().split("\n").length, 3);
  assertEquals(await output("--lines", "0"), "No output available\n");
  assertEquals(await output("--stream", "stdout", "--lines", "1"), "end\n");
  assertEquals(await output("--stream", "stdout", "--lines", "1", "--ansi"), "\x1b[1mend\n");
  assertMatch(
    await output("--stream", "stdout", "--lines", "1", "--timestamps"),
    /^\d{4}-\d\d-\d\dT[\d:.]{12}Z end\n$/,
  );
  assertEquals(await output("--since-time", "2099-01-01"), "No output available\n");
  assertEquals(await output("--before-time", "2000-01-01"), "No output available\n");
  assertEquals((await output("--since-time", "1h")).split("\n").length, 8);
  const document = await workspace.runJson(["output", "--stream", "stdout", "count"]);
  assertEquals(document.output, ["1", "3", "5", "end"]);
  assertEquals((await workspace.run(["output", "--since-time", "soon", "count"])).code, 2);
});

Deno.test("output without a target shows every process of this directory", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("sub/here", "");
  await workspace.run(["run", "--label", "one", "echo", "from one"]);
  await workspace.run(["run", "--label", "two", "echo", "from two"]);
  await workspace.run(["run", "--label", "sub", "echo", "from sub"], { cwd: "sub" });
  assertEquals((await workspace.run(["output"])).stdout, "[one] from one\n[two] from two\n");
  assertEquals((await workspace.run(["output"], { cwd: "sub" })).stdout, "from sub\n");
  assertEquals((await workspace.run(["output", "--all"])).stdout.split("\n").length, 4);
});

Deno.test("output -f follows over restarts until all have ended", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const script = "echo begin; echo oops >&2; exec sleep 100";
  await workspace.run(["start", "--label", "one", "sh", "-c", script]);
  await using one = workspace.spawn(["output", "-f", "one"]);
  await using all = workspace.spawn(["output", "-f"]);
  await one.waitFor(/begin\n(.*\n)*oops\n|oops\n(.*\n)*begin\n/);
  await all.waitFor("[one] begin\n");
  await workspace.run(["restart", "one"]);
  await until(() => one.stdout.split("begin\n").length === 3, { what: () => one.describe() });
  await workspace.run(["start", "--label", "two", "sh", "-c", `${script} 2`]);
  await all.waitFor("[two] begin\n");
  await workspace.run(["stop", "one"]);
  assertEquals((await one.end()).code, 0);
  await workspace.run(["stop", "two"]);
  assertEquals((await all.end()).code, 0);
});

Deno.test("K46 K48 K49 serve says how agents connect, and lists itself as PID 0", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await server.waitFor(workspace.url);
  for (const agent of ["Cursor", "Claude Code", "Gemini CLI"]) {
    assertStringIncludes(server.stdout, agent);
  }
  const [entry] = (await workspace.runJson(["list", "--pid", "0"])).processes;
  assertEquals([entry.pid, entry.label], [server.pid, "persistproc-server"]);
});

Deno.test("K46 serve -q says nothing", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve(["-q"]);
  assertEquals(await workspace.runJson(["shutdown"]), { pid: server.pid });
  const { code, stdout, stderr } = await server.end();
  assertEquals({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
});

Deno.test("F47 a second server says who has the directory or the port, without a banner", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const sameDirectory = await workspace.run(["serve", "--port", String(freePort())]);
  assertEquals([sameDirectory.code, sameDirectory.stdout], [1, ""]);
  assertStringIncludes(sameDirectory.stderr, String(server.pid));
  const samePort = await workspace.run(["serve", "--data-dir", workspace.path("other")]);
  assertEquals([samePort.code, samePort.stdout], [1, ""]);
  assertStringIncludes(samePort.stderr, String(server.pid));
});

Deno.test("a port that is not the server's is an error naming both", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const other = freePort();
  const { code, stderr } = await workspace.run(["--port", String(other), "list"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, String(other));
  assertStringIncludes(stderr, String(workspace.port));
  const found = await workspace.run(["list"], { env: { PERSISTPROC_PORT: undefined } });
  assertEquals(found.code, 0);
});

Deno.test("K50 F51 shutdown ends the server and its processes; --keep leaves them", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  const { pid } = await workspace.runJson(["start", "sleep", "100"]);
  const kept = await workspace.run(["shutdown", "--keep"]);
  assertEquals(kept.stdout, `Shutdown persistproc server with PID: ${first.pid}\n`);
  assert((await workspace.running()).some((process) => process.pid === pid));
  assertEquals((await first.end()).code, 0);
  await workspace.serve();
  const [entry] = await workspace.processes();
  assertEquals([entry.pid, entry.status], [pid, "running"]);
  await workspace.run(["shutdown"]);
  assertEquals((await workspace.running()).some((process) => process.pid === pid), false);
  assertEquals(await workspace.isServing(), false);
});

Deno.test("F73 an unknown target names the candidates, once, on stderr", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "web", "sleep", "100"]);
  const { code, stdout, stderr } = await workspace.run(["stop", "wbe"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "web");
  assertEquals(stderr.split("wbe").length, 2);

  await workspace.run(["stop", "web"]);
  assertMatch(
    (await workspace.run(["restart", "wbe"])).stderr,
    /^ {2}web \(exited\): sleep 100 in/m,
  );
  for (const args of [["stop", "wbe"], ["input", "--text", "x", "wbe"]]) {
    assertMatch((await workspace.run(args)).stderr, /\nNothing is running\.\n$/, args.join(" "));
  }
});

Deno.test({
  name: "a current directory whose name is not UTF-8 is refused with the reason",
  // Other systems have no such names.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using workspace = await Workspace.create();
    const script = `mkdir $'b\\xff'; cd $'b\\xff'; "$@"`;
    const command = ["bash", "-c", script, "bash", ...workspace.command(["start", "true"])];
    const { code, stderr } = await workspace.spawnCommand(command).end();
    assertEquals([code, stderr], [
      2,
      "Error: The path of the current directory is not UTF-8.\nTry: cd\n",
    ]);
  },
});
