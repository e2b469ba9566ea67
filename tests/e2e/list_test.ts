/** `list` as people and agents see it: text, table, `--watch`, JSON, tool; and `run` on a taken port. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { resolve } from "@std/path";
import { quoteForSh } from "../../lib/system/script.ts";
import { denoDirectory, projectDirectory } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { freePort, Workspace } from "../support/workspace.ts";

const SERVER = `
Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1", onListen({ port }) {
  console.log("Local: http://localhost:" + port + "/app/");
} }, () => new Response("hello"));
`;

async function withServer(): Promise<{ workspace: Workspace; port: number; command: string[] }> {
  // Whatever fails here is cleaned up here: no test has the workspace yet.
  await using unfinished = new AsyncDisposableStack();
  const workspace = unfinished.use(await Workspace.create());
  await workspace.serve();
  await workspace.write("serve.ts", SERVER);
  const port = freePort();
  const command = [Deno.execPath(), "run", "-q", "--no-config", "-A", workspace.path("serve.ts")];
  await workspace.run(["start", "--label", "web", ...command, String(port)]);
  await until(
    async () => (await workspace.processes())[0].urls.length > 0,
    { what: "the URL of the server" },
  );
  unfinished.move();
  return { workspace, port, command };
}

Deno.test("list tells ports, URL, uptime and resources behind the lines of the original", async () => {
  const { workspace, port, command } = await withServer();
  await using _ = workspace;
  const { stdout } = await workspace.run(["list"]);
  const [first, second, third, ...rest] = stdout.trimEnd().split("\n");
  assertMatch(first ?? "", /^PID \d+: web \(running\)$/);
  assertEquals(second, `  Command: ${[...command, port].join(" ")}`);
  assertEquals(third, `  Working directory: ${workspace.directory}`);
  const facts = rest.join("\n");
  assertStringIncludes(facts, `  URLs: http://localhost:${port}/app/`);
  assertMatch(facts, new RegExp(`^  Ports: 127\\.0\\.0\\.1:${port} \\(PID \\d+\\)$`, "m"));
  assertMatch(facts, /^ {2}Uptime: /m);
  assertMatch(facts, /^ {2}Resources: CPU [\d.]+ %, memory \d+ MiB$/m);
});

Deno.test("the tool and --format json tell the same facts, which the tool's schema has", async () => {
  const { workspace, port } = await withServer();
  await using _ = workspace;
  const agent = await workspace.agent();
  const { structured } = await agent.call("list", { command_or_label: "web" });
  const [web] = (structured as { processes: Record<string, unknown>[] }).processes;
  const [same] = await workspace.processes();
  assertEquals(Object.keys(web ?? {}).sort(), Object.keys(same).sort());
  assertEquals(web?.ports, [{ address: "127.0.0.1", port, pid: web?.pid }]);
  assertEquals(web?.urls, [`http://localhost:${port}/app/`]);
  assertEquals(web?.process_count, 1);
  assert(Number(web?.memory_bytes) > 0 && typeof web?.cpu_percent === "number");
});

Deno.test("run says on stderr who holds the port that its program could not have", async () => {
  const { workspace, port, command } = await withServer();
  await using _ = workspace;
  const { code, stderr } = await workspace.run([
    "run",
    "--label",
    "late",
    ...command,
    String(port),
  ]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    new RegExp(`^persistproc: .*\\b${port}, is held by "web" \\(PID \\d+\\)`, "m"),
  );
  assertMatch(stderr, /to free it: persistproc stop \d+$/m);
  const [web] = (await workspace.runJson(["list", "--running"])).processes;
  assertEquals(web.label, "web");
});

Deno.test("list in a terminal is a table that fits its width", async () => {
  const { workspace, port } = await withServer();
  await using _ = workspace;
  await workspace.run(["start", "sh", "-c", "echo oops >&2; exit 3"]);
  await until(
    async () => (await workspace.runJson(["list", "--running"])).processes.length === 1,
    { what: "the end of the failing program" },
  );
  for (const width of [120, 60, 30]) {
    await using terminal = await Terminal.open(
      workspace,
      `stty cols ${width} rows 24; persistproc list`,
    );
    await terminal.end();
    const lines = terminal.screen.trimEnd().split("\r\n");
    assert(lines.every((line) => line.length <= width), terminal.screen);
    assertMatch(lines[0] ?? "", /^LABEL +PID +STATE/);
    assertStringIncludes(lines[1] ?? "", "web");
    if (width === 120) {
      assertStringIncludes(lines[1] ?? "", String(port));
      assertMatch(lines[2] ?? "", /exited 3 .*exited with code 3 after /);
    }
  }
});

Deno.test("list --watch follows changes in place and leaves nothing behind on Ctrl+C", async () => {
  const { workspace } = await withServer();
  await using _ = workspace;
  await using terminal = await Terminal.shell(workspace);
  await terminal.command("stty cols 100 rows 24");
  const modes = await terminal.modes();
  const from = terminal.screen.length;
  await terminal.type('persistproc list --watch; echo "<done $?>"\r');
  await terminal.waitFor(/web.*running/, from);
  await terminal.type("typed meanwhile");
  await workspace.run(["stop", "web"]);
  await terminal.waitFor(/web.*exited/, from);
  await terminal.type("\x03");
  await terminal.waitFor("<done 0>\r\n", from);
  const shown = terminal.screen.slice(from);
  const [, inside = ""] = shown.split("\x1b[?1049h");
  const [drawn = "", after] = inside.split("\x1b[?1049l");
  assertEquals(after, "<done 0>\r\n");
  assert(!drawn.includes("\x1b[2J"), "it clears the screen, which flickers");
  assert(!drawn.includes("typed meanwhile"), "it shows the keys");
  assertStringIncludes(shown, "\x1b[?25h");
  assertEquals(await terminal.modes(), modes);
  assertStringIncludes(await terminal.command("echo fine"), "fine");
});

Deno.test("list --watch draws anew when the server tells of a change, and not only by the clock", async () => {
  const { workspace } = await withServer();
  await using _ = workspace;
  const command = [
    ...["env", `DENO_DIR=${await denoDirectory()}`, Deno.execPath()],
    ...["run", "-q", "--no-check", "--no-prompt", "--config"],
    resolve(projectDirectory, "deno.json"),
    "-P",
    resolve(projectDirectory, "tests/support/watch_without_refresh.ts"),
    ...[String(workspace.port), workspace.dataDirectory],
  ];
  await using terminal = await Terminal.open(
    workspace,
    `stty cols 100 rows 24; exec ${quoteForSh(command)}`,
  );
  await terminal.waitFor(/web.*running/);
  // The next look of its own accord is a day away.
  let from = terminal.screen.length;
  await workspace.run(["stop", "web"]);
  await terminal.waitFor(/web.*exited/, from);
  from = terminal.screen.length;
  await workspace.run(["start", "--label", "late", "sleep", "1000"]);
  await terminal.waitFor(/late.*running/, from);
  from = terminal.screen.length;
  await workspace.run(["restart", "web"]);
  await terminal.waitFor(/web.*running/, from);
  await terminal.type("q");
  assertEquals(await terminal.end(), 0);
});

Deno.test("list --watch gives the terminal back on Ctrl+Z, and takes it again with fg", async () => {
  const { workspace } = await withServer();
  await using _ = workspace;
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  let from = terminal.screen.length;
  await terminal.type("persistproc list --watch\r");
  await terminal.waitFor(/web.*running/, from);
  await terminal.type("\x1a");
  await terminal.waitFor(/\[1\]\+ +Stopped/, from);
  assertStringIncludes(terminal.screen.slice(from), "\x1b[?1049l");
  assertStringIncludes(await terminal.command("echo fine"), "fine");
  from = terminal.screen.length;
  await terminal.type("fg\r");
  await terminal.waitFor(/web.*running/, from);
  await terminal.type("q");
  await terminal.waitFor("\x1b[?1049l", from);
  assertStringIncludes(await terminal.command("echo fine"), "fine");
  assertEquals(await terminal.modes(), modes);
});

Deno.test("list --watch without a terminal is a usage error", async () => {
  await using workspace = await Workspace.create();
  const { code, stderr } = await workspace.run(["list", "--watch"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--watch");
});
