/** What agents and people wait for, and how they read on from where they were. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Agent } from "../support/agent.ts";
import { logText } from "../support/log_files.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

async function text(agent: Agent, tool: string, parameters: Record<string, unknown>) {
  const { isError, text } = await agent.call(tool, parameters);
  assert(!isError, text);
  return text;
}

/** Starts a program that prints numbers, and waits until a line of it matches. */
async function startCounting(
  agent: Agent,
  { directory }: Workspace,
  command_or_label: string,
  pattern: string,
): Promise<void> {
  await text(agent, "ctrl", {
    ...{ action: "start", label: "count", command_or_label, working_directory: directory },
    wait_for: { pattern },
  });
}

const cursorIn = (text: string) => /cursor (\S+?)(,|$)/.exec(text)?.[1] ?? "no cursor";
const body = (text: string) => text.split("\n").slice(0, -1);

const ECHO = 'while read -r line; do echo "got $line"; done';

Deno.test("did my edit compile is one call", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent({ name: "claude-code" });
  const watcher = 'echo ready; while read -r line; do echo "compiling $line"; ' +
    'sleep 0.2; echo "error TS2322: in $line" >&2; done';
  const started = await agent.call("ctrl", {
    action: "start",
    command_or_label: watcher,
    working_directory: workspace.directory,
    label: "web",
    wait_for: { pattern: "^ready" },
  });
  assertEquals((started.structured?.wait as { outcome: string }).outcome, "pattern");
  const before = await text(agent, "output", { command_or_label: "web" });
  await text(agent, "ctrl", { action: "input", label: "web", text: "a.ts" });
  const after = await text(agent, "output", {
    cursor: cursorIn(before),
    wait_for: { pattern: "compiled", fail_pattern: "error TS" },
  });
  assertEquals(body(after), ["compiling a.ts", "error TS2322: in a.ts"]);
  assertMatch(after, /outcome fail_pattern: error TS2322: in a\.ts$/);
  const { structured } = await agent.call("list");
  const [{ error_lines }] = structured?.processes as [{ error_lines: number }];
  assertEquals(error_lines, 1);
});

Deno.test("cursors go on over restarts of process and server, and do not disturb each other", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve(["--keep"]);
  let agent = await workspace.agent();
  const write = (line: string) =>
    text(agent, "ctrl", { action: "input", label: "echo", text: line });
  const settled = async (line: string) => {
    await until(
      async () => (await text(agent, "output", { command_or_label: "echo" })).includes(line),
      {
        what: line,
      },
    );
  };
  await text(agent, "ctrl", {
    action: "start",
    command_or_label: ECHO,
    working_directory: workspace.directory,
    label: "echo",
  });
  const start = cursorIn(await text(agent, "output", { command_or_label: "echo" }));
  await write("one");
  await settled("got one");
  const first = await text(agent, "output", { cursor: start });
  assertEquals(body(first), ["got one"]);
  await text(agent, "ctrl", { action: "restart", label: "echo" });

  server.kill("SIGTERM");
  await server.end();
  await workspace.serve();
  agent = await workspace.agent();
  await write("two");
  await settled("got two");
  const second = await text(agent, "output", { cursor: cursorIn(first) });
  assertMatch(body(second)[0] ?? "", /^— restarted \(run 2, PID \d+\) —$/);
  assertEquals(body(second).slice(1), ["got two"]);
  // The other reader is where it was.
  assertEquals(body(await text(agent, "output", { cursor: start })).length, 3);
  assertEquals(body(await text(agent, "output", { cursor: cursorIn(second) })), []);
  const all = await text(agent, "output", { command_or_label: "echo" });
  assertEquals([body(all)[0], body(all)[2]], ["got one", "got two"]);
  const last = await text(agent, "output", { command_or_label: "echo", since_last_start: true });
  assertEquals(body(last), ["got two"]);
});

Deno.test("a reader that is far behind gets everything, page by page", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  const program = "sh -c 'echo start; read x; seq 1 3000; exec sleep 1000'";
  await startCounting(agent, workspace, program, "start");
  let cursor = cursorIn(await text(agent, "output", { command_or_label: "count" }));
  await text(agent, "ctrl", { action: "input", label: "count", text: "go" });
  // What has come between the cursor and the call counts.
  const waited = await text(agent, "output", { cursor, lines: 0, wait_for: { pattern: "^3000$" } });
  assertStringIncludes(waited, "outcome pattern");
  const seen: string[] = [];
  for (let page: string; body(page = await text(agent, "output", { cursor, lines: 700 })).length;) {
    seen.push(...body(page));
    cursor = cursorIn(page);
  }
  assertEquals(seen, Array.from({ length: 3_000 }, (_, n) => String(n + 1)));
});

Deno.test("grep finds over restarts, with the lines around each match", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  await startCounting(agent, workspace, "sh -c 'seq 1 2000; exec sleep 1000'", "^2000$");
  const found = await text(agent, "output", { grep: "^1.9.$", context_lines: 1, lines: 2 });
  assertEquals(body(found).length, 4);
  assertEquals(body(found)[0], "1997");
  assertStringIncludes(found, "2 matches");
  const slow = await agent.call("output", { grep: "(?i)(1+)+\\b$x" });
  assert(!slow.isError, slow.text);
});

Deno.test("nonsense over the wire is answered, and the server lives on", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  const post = async (message: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(workspace.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: typeof message === "string" ? message : JSON.stringify(message),
    });
    return { status: response.status, text: await response.text() };
  };
  const huge = { name: "output", arguments: { grep: "x".repeat(10_000_000) } };
  const large = await post({ jsonrpc: "2.0", id: 1, method: "tools/call", params: huge });
  assertEquals(large.status, 413);
  const unknown = await post({ jsonrpc: "2.0", id: 2, method: "tools/fly", params: {} });
  assertStringIncludes(unknown.text, "-32601");
  const version = await post({ jsonrpc: "2.0", id: 3, method: "tools/list", params: {} }, {
    "mcp-protocol-version": "1999-01-01",
  });
  assertEquals(version.status, 400);
  assertEquals((await post("{")).status, 400);
  assertEquals((await agent.call("list")).isError, false);
});

Deno.test("wait and start wait for a person, and say by their status what came", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const script = "echo starting; sleep 0.3; echo ready; read -r x; echo Error: gone >&2; exit 5";
  const start = await workspace.run(["start", "--label", "a", "--wait-pattern", "ready", script]);
  assertEquals([start.code, start.stderr], [0, ""]);
  assertMatch(start.stdout, /Label: a\n(.*\n)*Waited [\d.]+ s: pattern: ready\n$/);
  const port = await workspace.run(["wait", "--wait-port", "any", "--wait-timeout", "0.2", "a"]);
  assertEquals(port.code, 1);
  assertMatch(port.stdout, /^Waited [\d.]+ s: timeout\n$/);
  const exit = workspace.spawn(["--format", "json", "wait", "--wait-exit", "a"], { stdin: "" });
  const input = await workspace.run(["input", "--text", "go", "a"]);
  assertEquals([input.code, input.stdout, input.stderr], [0, "", ""]);
  const { code, stdout } = await exit.end();
  const { outcome, line } = JSON.parse(stdout);
  assertEquals([code, outcome], [0, "exited"]);
  assertMatch(line, /^exited with code 5 .*; it said: Error: gone$/);
  for (const args of [["wait", "a"], ["wait", "--wait-port", "x", "a"], ["wait", "--wait-exit"]]) {
    assertEquals((await workspace.run(args)).code, 2, args.join(" "));
  }
});

Deno.test("input copies what it reads itself to the program", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "copy", "cat"]);
  const lines = Array.from({ length: 30_000 }, (_, n) => `line ${n}\n`).join("");
  assertEquals((await workspace.run(["input", "copy"], { stdin: lines })).code, 0);
  const { log_stdout } = (await workspace.processes())[0];
  await until(async () => (await logText(log_stdout)) === lines, { what: "all lines" });
});

Deno.test("input of nothing tells as well whom it cannot reach", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "copy", "cat"]);
  const nothing = (target: string) => workspace.run(["input", target], { stdin: "" });
  assertEquals((await nothing("copy")).code, 0);
  const unknown = await nothing("nosuch");
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stderr, /No running process found for "nosuch"/);
  await workspace.run(["stop", "copy"]);
  const ended = await nothing("copy");
  assertEquals(ended.code, 1);
  assertMatch(ended.stderr, /copy is not running/);
});

Deno.test("output searches and reads on for a person", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "a", "--wait-pattern", "3", "seq 1 3; exec sleep 1000"]);
  const found = await workspace.run(["output", "--grep", "2", "--context", "1", "a"]);
  assertEquals(found.stdout, "1\n2\n3\n");
  const { cursor } = await workspace.runJson(["output", "a"]);
  const since = await workspace.run(["output", "--cursor", cursor]);
  assertEquals([since.code, since.stdout], [0, "No output available\n"]);
  assertEquals((await workspace.run(["output", "--cursor", "x", "a"])).code, 2);
});

Deno.test("what does not go with --follow is a usage error, and no match is told from no output", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "a", "--wait-pattern", "3", "seq 1 3; exec sleep 1000"]);
  for (const bound of ["--grep=2", "--cursor=x", "--before-time=1m"]) {
    const refused = await workspace.run(["output", "-f", bound, "a"]);
    assertEquals([refused.code, refused.stdout], [2, ""], refused.stderr);
  }
  const none = await workspace.run(["output", "--grep", "4", "a"]);
  assertEquals([none.code, none.stdout], [0, "No line matches\n"]);
  assertStringIncludes(none.stderr, "of 6 bytes, 0 matches, cursor ");
  assertEquals((await workspace.run(["list", "--pid", "1"])).stdout, "No process matches\n");
});

Deno.test("with a cursor and a label, a person reads what is new once, also after a restart", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.run(["start", "--label", "echo", ECHO]);
  await workspace.run(["restart", "echo"]);
  const { cursor } = await workspace.runJson(["output", "echo"]);
  await workspace.run(["input", "--text", "one", "echo"]);
  const news = ["output", "--cursor", cursor, "echo"];
  await until(async () => (await workspace.run(news)).stdout.startsWith("got one\n"), {
    what: "the news",
  });
  assertEquals((await workspace.run(news)).stdout, "got one\n");
});

Deno.test("who restarts a process is told to whoever is attached to it", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const viewer = workspace.spawn(["run", "--label", "web", "echo up; exec sleep 1000"]);
  await viewer.waitFor("up");
  await using agent = await workspace.agent({ name: "claude-code" });
  await text(agent, "ctrl", { action: "restart", label: "web" });
  await viewer.waitFor(/restarted by claude-code/, { stream: "stderr" });
  await text(agent, "ctrl", { action: "stop", label: "web" });
  const { structured } = await agent.call("list");
  const [process] = structured?.processes as [{ started_by: string; reason: string }];
  assertEquals(process.started_by, "claude-code");
  assertStringIncludes(process.reason, "stopped by claude-code");
  await viewer.end();
});
