import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Terminal } from "../../support/terminal.ts";
import { Workspace } from "../../support/workspace.ts";
import { Api } from "../../support/api.ts";

/** A title, a colour, an 8-bit CSI, an override of direction, and a line that poses as another. */
const HOSTILE = "a\x1b]0;owned\x07\x1b[31m\x9b32m\u202e\u2028\r\nPID 1: forged (running) \x7f";
/** The same, as it is shown. */
const SHOWN =
  "a\\x1b]0;owned\\x07\\x1b[31m\\x9b32m\\u202e\\u2028\\x0d\\x0aPID 1: forged (running) \\x7f";

// deno-lint-ignore no-control-regex -- that is what must not be there
const ACTS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function assertHarmless(what: string, text: string): void {
  const found = ACTS.exec(text);
  assert(
    found === null,
    `${what} passes on ${JSON.stringify(found?.[0])}: ${JSON.stringify(text)}`,
  );
  assert(!/^PID 1: forged/m.test(text), `${what} lets a name pose as a line:\n${text}`);
}

/** A process whose every name is hostile, started and stopped by a caller whose name is, too. */
async function startHostile(workspace: Workspace): Promise<{ api: Api; directory: string }> {
  const directory = workspace.path(HOSTILE);
  await Deno.mkdir(directory, { recursive: true });
  const api = await Api.of(workspace);
  for (const command of [[...PROGRAM, HOSTILE], [...PROGRAM, HOSTILE, "2"]]) {
    const request = { action: "start", command, working_directory: directory };
    const response = await api.post("/api/ctrl", { request, caller: { name: HOSTILE } });
    assertEquals(response.status, 200, await response.text());
  }
  return { api, directory };
}

const PROGRAM = ["sh", "-c", "echo ready; exec sleep 300"];

Deno.test("no command passes on an escape sequence from a name, a directory or a reason", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { api, directory } = await startHostile(workspace);
  const command = [...PROGRAM, HOSTILE];
  const elsewhere = workspace.path("x\x1b[2J");
  const commands: string[][] = [
    ["list"],
    ["list", "--working-directory", directory],
    ["output", "--all"],
    ["output", "--all", "--timestamps", "--grep", "ready"],
    ["output", HOSTILE],
    ["output", "--label", HOSTILE],
    ["output", "--grep", `(${HOSTILE}`, "--all"],
    ["output", "--since-time", HOSTILE],
    ["output", "--cursor", HOSTILE],
    ["output", ...command],
    ["start", "--working-directory", directory, "--", ...command],
    ["start", "--working-directory", HOSTILE, "--", "true"],
    ["start", "--working-directory", directory, "--label", HOSTILE, "--", "true"],
    ["start", "--environment", `{"${HOSTILE}":1}`, "true"],
    ["start", "--stdin", HOSTILE, "--", "true"],
    ["start", "--", "no\x1b[31msuch\u202eprogram"],
    ["start", `'${HOSTILE}`],
    ["start", "--label", "taken", "--", "sleep", "300"],
    ["start", "--label", "taken", "--", "sleep", "301"],
    ["run", "no\x1b[31msuch\u202eprogram"],
    ["input", "--text", HOSTILE, ...command],
    [
      "wait",
      "--wait-http",
      "http://localhost:1/\x1b[31m\u202e",
      "--wait-timeout",
      "0.2",
      ...command,
    ],
    ["wait", "--wait-http", HOSTILE, ...command],
    ["wait", "--wait-pattern", `(${HOSTILE}`, ...command],
    ["wait", "--wait-port", HOSTILE, ...command],
    ["restart", ...command],
    ["restart", HOSTILE],
    ["stop", HOSTILE],
    ["stop", "--grace", HOSTILE, ...command],
    [`--${HOSTILE}`],
    ["ctrl", HOSTILE],
    ["--format", HOSTILE, "list"],
    ["--port", HOSTILE, "list"],
    ["--data-dir", elsewhere, "--port", String(workspace.port), "list"],
    ["--data-dir", elsewhere, "shutdown"],
    ["doctor"],
    ["doctor", "--data-dir", elsewhere],
    ["token", "--data-dir", elsewhere],
    ["completions", HOSTILE],
    ["agents", HOSTILE],
    ["agents", "--data-dir", elsewhere],
    ["agents", "--install", HOSTILE],
  ];
  for (const args of commands) {
    for (const format of ["text", "json"]) {
      const { stdout, stderr } = await workspace.run(args, { env: { PERSISTPROC_FORMAT: format } });
      assertHarmless(`stdout of ${format} ${JSON.stringify(args)}`, stdout);
      assertHarmless(`stderr of ${format} ${JSON.stringify(args)}`, stderr);
    }
  }
  const processes = await workspace.processes();
  assertEquals(processes[0].command, command);
  assertEquals([processes[0].working_directory, processes[0].started_by], [directory, "terminal"]);
  assertStringIncludes((await workspace.run(["list"])).stdout, SHOWN);

  // Its end: by a hostile caller, told by all who watch it.
  const target = { command: [...command, "2"] };
  const watching = workspace.spawn(["wait", "--wait-exit", ...target.command]);
  const attached = workspace.spawn(["run", "--", ...target.command], { cwd: HOSTILE });
  const following = workspace.spawn(["output", "-f", "--all", "--timestamps"]);
  await attached.waitFor("runs already", { stream: "stderr" });
  await following.waitFor("ready");
  for (const action of ["restart", "stop"]) {
    if (action === "stop") {
      await attached.waitFor("restarted", { stream: "stderr" });
      await following.waitFor("restarted", { stream: "stderr" });
    }
    await (await api.post("/api/ctrl", {
      request: { action, ...target },
      caller: { name: HOSTILE },
    })).body?.cancel();
  }
  for (const child of [watching, attached]) {
    const { stdout, stderr } = await child.end();
    assertHarmless(child.describe(), stdout + stderr);
  }
  following.kill("SIGINT");
  const { stdout, stderr } = await following.end();
  assertHarmless("output --follow", stdout + stderr);
  assertStringIncludes(watching.stdout, SHOWN);
  assertStringIncludes((await workspace.run(["list"])).stdout, `stopped by ${SHOWN}`);
  assertHarmless("list of what was stopped", (await workspace.run(["list"])).stdout);
  assertHarmless(
    "server.log",
    await Deno.readTextFile(join(workspace.dataDirectory, "server.log")),
  );
});

Deno.test("no tool passes on an escape sequence in its text", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { directory } = await startHostile(workspace);
  const agent = await workspace.agent({ name: "agent \x1b[31m\u202e" });
  const calls: [string, Record<string, unknown>][] = [
    ["list", {}],
    ["list", { [HOSTILE]: 1 }],
    ["output", {}],
    ["output", { command_or_label: HOSTILE }],
    ["output", { working_directory: directory, timestamps: true }],
    ["output", { since_time: HOSTILE }],
    ["output", { grep: `(${HOSTILE}` }],
    ["output", { cursor: HOSTILE }],
    ["ctrl", { action: HOSTILE }],
    ["ctrl", { action: "start", command_or_label: HOSTILE, working_directory: directory }],
    ["ctrl", { action: "start", command_or_label: "true", working_directory: HOSTILE }],
    ["ctrl", { action: "start", command_or_label: "true", working_directory: `/${HOSTILE}` }],
    [
      "ctrl",
      {
        action: "start",
        command_or_label: "sleep 300",
        working_directory: directory,
        wait_for: { http: "http://localhost:1/\x1b[31m\u202e", timeout_seconds: 0.2 },
      },
    ],
    ["ctrl", { action: "restart", label: HOSTILE }],
    ["ctrl", { action: "stop", command_or_label: HOSTILE }],
  ];
  for (const [tool, parameters] of calls) {
    const { text } = await agent.call(tool, parameters);
    assertHarmless(`${tool} ${JSON.stringify(parameters)}`, text);
  }
  const { text, structured } = await agent.call("list");
  assertEquals(JSON.parse(text), structured);
});

Deno.test("a terminal is not steered by a name, in the table, the question and the title", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { directory } = await startHostile(workspace);
  const drawn = await Terminal.open(workspace, "persistproc list");
  assertEquals(await drawn.end(), 0);
  assertHarmless("the table", drawn.screen.replaceAll("\r\n", "\n"));

  await workspace.write("hostile.txt", HOSTILE);
  const line = 'cd "$(cat hostile.txt)" && exec persistproc run -- ' +
    `sh -c 'echo ready; exec sleep 300' "$(cat ../hostile.txt)"`;
  await using attached = await Terminal.open(workspace, line);
  await attached.waitFor("ready");
  await attached.type("\x03");
  await attached.waitFor("stay?");
  assertHarmless("the question", attached.screen.replaceAll(/\r*\n/g, "\n").replaceAll("^C", ""));
  assertStringIncludes(attached.screen, SHOWN.slice(0, 20));
  await attached.type("d");
  await attached.end();
  assert(directory.includes("\x1b"));

  await using watching = await Terminal.open(workspace, "persistproc list --watch");
  await watching.waitFor("(running) \\x7f");
  await watching.type("q");
  assertEquals(await watching.end(), 0);
  // deno-lint-ignore no-control-regex -- the sequences of lib/cli/terminal/screen.ts
  const drawing = /\x1b\[(\?(1049|25|2026)[hl]|[HKJ])/g;
  assertHarmless("list --watch", watching.screen.replace(drawing, "").replaceAll(/\r*\n/g, "\n"));
});
