/** The server that nobody started. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { outputOf } from "../support/output_of.ts";
import { programCommand } from "../support/program.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

Deno.test("F56 run starts the server, says so once, and the server stays", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.run(["echo", "hello"]);
  assertEquals([first.code, first.stdout], [0, "hello\n"]);
  assertEquals(first.stderr.split("\n").length, 2);
  assertStringIncludes(first.stderr, "started a server");
  const second = await workspace.run(["echo", "hello"]);
  assertEquals([second.code, second.stdout, second.stderr], [0, "hello\n", ""]);
});

Deno.test("commands of one instant start one server", async () => {
  await using workspace = await Workspace.create();
  const runs = await Promise.all(
    Array.from({ length: 5 }, (_, n) => workspace.run(["run", "echo", `number ${n}`])),
  );
  runs.forEach(({ code, stdout, stderr }, n) => {
    assertEquals([code, stdout], [0, `number ${n}\n`], stderr);
  });
  const servers = (await outputOf("ps", "-Aww", "-o", "args=")).split("\n")
    .filter((args) => args.includes(` --data-dir ${workspace.dataDirectory}`));
  assertEquals(servers.length, 1, servers.join("\n"));
});

Deno.test("the server has a session, a directory and descriptors of its own", async () => {
  await using workspace = await Workspace.create();
  // Descriptor 7 stands for whatever a caller may have open: make's jobserver, an agent's pipes.
  await using caller = workspace.spawnCommand([
    ...["bash", "-c", '"$@" 7</dev/zero', "bash", ...programCommand, "start", "sleep", "100"],
  ]);
  assertEquals((await caller.end()).code, 0);
  const server = await workspace.server();
  assert(server);
  const row = await outputOf("ps", "-o", "sess=,pgid=,tty=", "-p", String(server.pid));
  const [session, group, terminal] = row.split(/\s+/);
  assertEquals([Number(session), Number(group)], [server.pid, server.pid]);
  assertEquals(terminal, "?");
  if (Deno.build.os === "linux") {
    const links = await outputOf("ls", "-l", `/proc/${server.pid}/cwd`, `/proc/${server.pid}/fd`);
    assertStringIncludes(links, `/proc/${server.pid}/cwd -> /\n`);
    assertEquals(links.includes("/dev/zero"), false, links);
  }
});

Deno.test("who reads what a caller writes sees its end, though the server stays", async () => {
  // Above 9, where sh cannot name them: one by hand, and one that bash chooses.
  for (const call of ['"$@" 15>"$0"', '"$@" > >(cat >"$0")']) {
    await using workspace = await Workspace.create();
    const fifo = workspace.path("fifo");
    await outputOf("mkfifo", fifo);
    const reader = workspace.spawnCommand(["cat", fifo]);
    const start = [...programCommand, "start", "sleep", "100"];
    const caller = workspace.spawnCommand(["bash", "-c", call, fifo, ...start]);
    assertEquals((await caller.end()).code, 0);
    assertEquals((await reader.end({ timeout: 30_000 })).code, 0, call);
    assert(await workspace.isServing());
  }
});

Deno.test("the shell before the server changes nothing in its environment", async () => {
  await using workspace = await Workspace.create();
  const env = { "odd-name": "1", close: "2", IFS: ":", PS1: "$", BASH_ENV: "none" };
  assertEquals((await workspace.run(["start", "true"], { env })).code, 0);
  await using agent = await workspace.agent();
  const working_directory = workspace.directory;
  await agent.call("ctrl", { action: "start", command_or_label: "env", working_directory });
  const { stdout } = await workspace.run(["output", "--follow", "env"]);
  const told = stdout.split("\n").filter((line) => /^(odd-|close|IFS|PS1|BASH|SHLVL|_)/.test(line));
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  assertEquals(told.toSorted(), given.toSorted());
});

Deno.test("--no-autostart fails instead", async () => {
  await using workspace = await Workspace.create();
  for (const command of ["run", "start"]) {
    const { code, stderr } = await workspace.run([command, "--no-autostart", "true"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "persistproc serve");
  }
  assertEquals(await workspace.server(), null);
});

Deno.test("what no server could start starts no server", async () => {
  await using workspace = await Workspace.create();
  const refused = async (args: string[]) => {
    const { code, stderr } = await workspace.run(args);
    assertEquals(code, 1);
    return stderr;
  };
  const cases = [["no-such-program"], ["start", "no-such-program -x"], ["run", "./none", "-x"]];
  const alone: string[] = [];
  for (const args of cases) alone.push(await refused(args));
  assertStringIncludes(alone[0] ?? "", "Command not found: no-such-program");
  assertEquals(await workspace.server(), null);
  await workspace.serve();
  for (const [n, args] of cases.entries()) assertEquals(await refused(args), alone[n]);
});

Deno.test("a server that cannot start says why, once, and names the file", async () => {
  // A directory where the server wants a file.
  for (const name of ["token", "lock"]) {
    await using workspace = await Workspace.create();
    const path = join(workspace.dataDirectory, name);
    await Deno.mkdir(path, { recursive: true });
    const { code, stderr } = await workspace.run(["run", "true"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "could not be started");
    assertStringIncludes(stderr, "server.log");
    assertEquals(stderr.split(path).length, 2, stderr);
  }
});

Deno.test("who asks for what may still run starts the server", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const { pid } = await workspace.runJson(["start", "--label", "web", "sleep", "100"]);
  server.kill("SIGKILL");
  await server.end();
  const [listed] = await workspace.processes();
  assertEquals([listed.label, listed.pid, listed.status], ["web", pid, "running"]);
  const next = await workspace.server();
  if (next) Deno.kill(next.pid, "SIGKILL");
  const stopped = await workspace.run(["stop", "web"]);
  assertEquals([stopped.code, stopped.stdout], [0, "Process stopped by signal: SIGTERM\n"]);
  await until(async () => (await workspace.running()).every((process) => process.pid !== pid), {
    what: "the end of the process",
  });
});

Deno.test("nothing starts a server for what was killed together with its keeper", async () => {
  await using workspace = await Workspace.create();
  const { pid: stopped } = await workspace.runJson(["start", "sleep", "100"]);
  assertEquals((await workspace.run(["stop", "--force", String(stopped)])).code, 0);
  const { pid } = await workspace.runJson(["start", "sleep", "200"]);
  await workspace.run(["shutdown", "--keep"]);
  const keeper = (await outputOf("ps", "-o", "pgid=", "-p", String(pid))).trim();
  Deno.kill(-Number(keeper), "SIGKILL");
  await until(async () => await processState(pid) === null, { what: "its end" });
  for (const command of [["list"], ["output", String(pid)], ["stop", String(stopped)]]) {
    const { code, stderr } = await workspace.run(command);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "persistproc serve");
    assertEquals(await workspace.server(), null);
  }
});

Deno.test("a proxy in the environment sees nothing and changes nothing", async () => {
  await using workspace = await Workspace.create();
  const requests: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using proxy = Deno.serve(options, (request) => {
    requests.push(request.url);
    return new Response(null, { status: 502 });
  });
  const url = `http://127.0.0.1:${proxy.addr.port}`;
  const env = { HTTP_PROXY: url, http_proxy: url, NO_PROXY: undefined };
  const { code, stdout } = await workspace.run(["sh", "-c", "echo $HTTP_PROXY $NO_PROXY"], { env });
  assertEquals([code, stdout], [0, `${url}\n`]);
  assertEquals(requests, []);
});
