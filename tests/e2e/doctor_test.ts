/** The doctor finds what is wrong, says what to do, and changes nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Check } from "../../lib/cli/doctor/check.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import { startOldServer } from "../support/old_server.ts";
import { Workspace } from "../support/workspace.ts";

/** What the doctor says, by the names of the checks, with its exit status. */
async function examine(
  workspace: Workspace,
  args: readonly string[] = [],
  env: Record<string, string | undefined> = {},
) {
  const { code, stdout, stderr } = await workspace.run(
    ["doctor", "--format", "json", ...args],
    { env },
  );
  assertEquals(stderr, "");
  const { checks, state }: { checks: Check[]; state: string } = JSON.parse(stdout);
  assertEquals(code, state === "broken" ? 1 : 0);
  const find = (name: string, text = ""): Check => {
    const found = checks.find(({ check, finding }) => check === name && finding.includes(text));
    assert(found, `no ${name} with "${text}" in ${stdout}`);
    return found;
  };
  return { find, code, names: checks.map(({ check }) => check) };
}

Deno.test("the doctor starts no server, and makes no data directory", async () => {
  await using workspace = await Workspace.create();
  const { find, code } = await examine(workspace);
  assertEquals(code, 0);
  assertEquals(find("server").state, "ok");
  assertStringIncludes(find("data directory").finding, "not there yet");
  assertEquals(find("file watching").state, "ok");
  assertEquals(await workspace.isServing(), false);
  const made = await Array.fromAsync(Deno.readDir(join(workspace.dataDirectory, "..")));
  assertEquals(made.map(({ name }) => name).sort(), ["home", "tmp", "work"]);
  const tried = await Array.fromAsync(Deno.readDir(workspace.environment["TMPDIR"] ?? ""));
  assertEquals(tried.filter(({ name }) => name.startsWith(".doctor-")), []);
});

Deno.test("the doctor finds a data directory that every command would refuse", async () => {
  await using workspace = await Workspace.create();
  const impossible = ["--data-dir", "/proc/nope/x"];
  const { stdout } = await workspace.run([...impossible, "doctor"]);
  assert(/^data directory +broken +\/proc\/nope\/x cannot be/m.test(stdout), stdout);
  const { code, stderr } = await workspace.run([...impossible, "run", "ls"]);
  assertEquals(code, 1);
  assert(/^Error: \/proc\/nope\/x cannot be the data directory: /.test(stderr), stderr);
});

Deno.test("the doctor says which server runs, as text and as JSON", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const { find, code } = await examine(workspace);
  assertEquals(code, 0);
  const { finding, state } = find("server");
  assertEquals(state, "ok");
  for (const fact of [`PID ${server.pid}`, `port ${workspace.port}`, VERSION]) {
    assertStringIncludes(finding, fact);
  }
  assertEquals(find("version").state, "ok");
  assertEquals(find("data directory").state, "ok");
  const { stdout } = await workspace.run(["doctor"]);
  assert(/^server +ok +It runs/m.test(stdout), stdout);
});

Deno.test("a server of another version is broken, and there is a command for it", async () => {
  await using workspace = await Workspace.create();
  await startOldServer(workspace, "0.0.1");
  const { find, code } = await examine(workspace);
  assertEquals(code, 1);
  const { state, finding, advice } = find("version");
  assertEquals(state, "broken");
  assertStringIncludes(finding, "0.0.1");
  assertStringIncludes(advice ?? "", "persistproc serve --replace");
});

Deno.test("a stranger on the port is broken, and named where the system tells", async () => {
  await using workspace = await Workspace.create();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: workspace.port });
  const rejecting = (async () => {
    for await (const connection of listener) connection.close();
  })();
  const { find, code } = await examine(workspace);
  assertEquals(code, 1);
  const { state, finding, advice } = find("server");
  assertEquals(state, "broken");
  assertStringIncludes(finding, `${workspace.port}`);
  assertStringIncludes(finding, `PID ${Deno.pid}`);
  assertStringIncludes(advice ?? "", "--port");
  listener.close();
  await rejecting;
});

Deno.test("a data directory that others can read is a warning, with the token broken", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await Deno.chmod(workspace.dataDirectory, 0o755);
  const open = await examine(workspace);
  assertEquals([open.find("data directory").state, open.code], ["warning", 0]);
  await Deno.chmod(join(workspace.dataDirectory, "token"), 0o644);
  const { find, code } = await examine(workspace);
  const { state, finding, advice } = find("data directory");
  assertEquals([state, code], ["broken", 1]);
  assertStringIncludes(finding, "token");
  assertStringIncludes(advice ?? "", "chmod");
});

Deno.test("a data directory that others can write to is broken, and said once", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await Deno.chmod(workspace.dataDirectory, 0o777);
  const { find, code, names } = await examine(workspace);
  assertEquals([find("data directory").state, code], ["broken", 1]);
  assertStringIncludes(find("data directory").advice ?? "", "chmod 700");
  assert(!names.includes("server"));
  await Deno.chmod(workspace.dataDirectory, 0o700);
  assertStringIncludes((await examine(workspace)).find("server").finding, String(server.pid));
});

Deno.test("a data directory that cannot be one is broken", async () => {
  await using workspace = await Workspace.create();
  const file = await workspace.write("file", "");
  for (const path of [file, join(file, "below")]) {
    const { find, code } = await examine(workspace, ["--data-dir", path]);
    assertEquals([find("data directory").state, code], ["broken", 1], path);
  }
});

Deno.test("processes without a server are a warning that names the way back", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await workspace.run(["start", "sleep", "1000"]);
  server.kill("SIGKILL");
  await server.end();
  const { find, code } = await examine(workspace);
  const { state, advice } = find("server");
  assertEquals([state, code], ["warning", 0]);
  assertStringIncludes(advice ?? "", "persistproc serve");
  await workspace.serve();
  assertEquals((await examine(workspace)).find("server").state, "ok");
});

Deno.test("an agent without the token that the server asks for is broken", async () => {
  await using workspace = await Workspace.create();
  await workspace.run(["agents", "--install", "cursor"]);
  await workspace.serve(["--require-token"]);
  const { find, code } = await examine(workspace);
  assertEquals([find("Cursor").state, code], ["broken", 1]);
  await workspace.run(["agents", "--install", "cursor"]);
  const mended = await examine(workspace);
  assertEquals(mended.code, 0);
  assertStringIncludes(mended.find("agents", "Connected").finding, "Cursor (HTTP)");
});

Deno.test("the doctor knows which agents are connected, and to what", async () => {
  await using workspace = await Workspace.create();
  const home = workspace.environment["HOME"] ?? "";
  for (const directory of [".cursor", ".codex", ".gemini"]) {
    await Deno.mkdir(join(home, directory), { recursive: true });
  }
  const none = await examine(workspace);
  assertEquals(none.find("agents", "Not connected").state, "warning");
  assertStringIncludes(none.find("agents", "Cursor").advice ?? "", "agents --install");

  await workspace.run(["agents", "--install", "cursor"]);
  await workspace.run(["agents", "--install", "codex", "--stdio"]);
  const some = await examine(workspace);
  assertEquals(some.code, 0);
  const connected = some.find("agents", "Connected").finding;
  assertStringIncludes(connected, "Cursor (HTTP)");
  assertStringIncludes(connected, "Codex (stdio)");
  assertEquals(some.find("agents", "Not connected: Gemini CLI").state, "ok");

  const elsewhere = await examine(workspace, ["--port", "1"]);
  assertStringIncludes(elsewhere.find("Cursor").finding, `:${workspace.port}/mcp`);
  assertStringIncludes(elsewhere.find("Cursor").advice ?? "", "agents --install cursor");

  const config = join(home, ".codex", "config.toml");
  const text = await Deno.readTextFile(config);
  await Deno.writeTextFile(
    config,
    text.replace(/^command = .*$/m, 'command = "/gone/persistproc"'),
  );
  const gone = await examine(workspace);
  assertEquals([gone.find("Codex").state, gone.code], ["broken", 1]);
  assertStringIncludes(gone.find("Codex").finding, "/gone/persistproc");

  await Deno.writeTextFile(join(home, ".cursor", "mcp.json"), "{");
  assertEquals((await examine(workspace)).find("Cursor").state, "warning");
});
