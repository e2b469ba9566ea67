import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Agent } from "../support/agent.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const ERAS = ["modern", "legacy", "v1"] as const;

interface Listed {
  pid: number;
  label: string;
  status: string;
  command: string[];
  working_directory: string;
  reason: string;
  started_by: string;
  exit_code: number | null;
  signal: string | null;
}

async function list(agent: Agent, filter: Record<string, unknown> = {}): Promise<Listed[]> {
  const { structured, isError, text } = await agent.call("list", filter);
  assert(!isError, text);
  return structured?.processes as Listed[];
}

async function ctrl(agent: Agent, parameters: Record<string, unknown>) {
  const { structured, isError, text } = await agent.call("ctrl", parameters);
  assert(!isError && structured, text);
  return structured;
}

async function failed(agent: Agent, parameters: Record<string, unknown>): Promise<string> {
  const { isError, text, structured } = await agent.call("ctrl", parameters);
  assert(isError, text);
  assertEquals(structured, undefined);
  assert(!/\n\s+at /.test(text), text);
  return text;
}

for (const era of ERAS) {
  Deno.test(`K59 K63 K77 F88 an agent (${era}) starts, reads, restarts and stops a process`, async () => {
    await using workspace = await Workspace.create();
    await workspace.serve();
    await using agent = await workspace.agent({ era, name: "tester" });
    const started = await ctrl(agent, {
      action: "start",
      command_or_label: "sh -c 'echo out; echo err >&2; exec sleep 1000'",
      working_directory: workspace.directory,
      label: "web",
    });
    assertEquals([started.status, started.label, started.already_running], [
      "running",
      "web",
      false,
    ]);
    const again = await ctrl(agent, {
      action: "start",
      command_or_label: "sh -c 'echo out; echo err >&2; exec sleep 1000'",
      working_directory: workspace.directory,
      label: "web",
    });
    assertEquals([again.already_running, again.pid], [true, started.pid]);

    const output = await until(async () => {
      const { text } = await agent.call("output", { command_or_label: "web" });
      return text.includes("out") && text.includes("err") ? text : null;
    }, { what: "both lines" });
    assertMatch(output, /\n-- 2 lines of 8 bytes, \S+Z, cursor \S+$/);

    const restarted = await ctrl(agent, { action: "restart", label: "web" });
    assertEquals([restarted.previous_pid, restarted.signal], [started.pid, "SIGTERM"]);
    assert(restarted.pid !== started.pid);
    const [running, ...others] = await list(agent, { running_only: true });
    assertEquals([running?.pid, others.length], [restarted.pid as number, 0]);

    const stopped = await ctrl(agent, { action: "stop", pid: String(restarted.pid) });
    assertEquals([stopped.status, stopped.signal, stopped.label], ["exited", "SIGTERM", "web"]);
    assertEquals(await list(agent, { running_only: true }), []);
    const name = era === "modern" ? "tester" : "agent";
    const [ended] = await list(agent, { command_or_label: "web" });
    assertEquals([ended?.started_by, ended?.reason], [name, `stopped by ${name}`]);
  });
}

Deno.test("F52 the same client goes on when the server was killed and started again", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  const agents = [];
  for (const era of ERAS) agents.push(await workspace.agent({ era }));
  const { pid } = await ctrl(agents[0]!, {
    action: "start",
    command_or_label: "sleep 1000",
    working_directory: workspace.directory,
  });
  for (const agent of agents) assertEquals((await list(agent)).length, 1);
  first.kill("SIGKILL");
  await first.end();
  await workspace.serve();
  for (const agent of agents) {
    const [info] = await list(agent);
    assertEquals([info?.pid, info?.status], [pid as number, "running"]);
  }
});

Deno.test("K48 K49 K67 pid 0 is the server that listens on the port", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await using agent = await workspace.agent();
  const [own] = await list(agent, { pid: 0 });
  assertEquals(
    [own?.pid, own?.label, own?.status, own?.command],
    [server.pid, "persistproc-server", "running", ["persistproc", "serve"]],
  );
  assertEquals(await list(agent), []);
  assertEquals(await list(agent, { pid: 9999999 }), []);
});

Deno.test("K95 an environment for the program is laid over the server's", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve([], { env: { FROM_SERVER: "server" } });
  await using agent = await workspace.agent();
  const { environment_source } = await ctrl(agent, {
    action: "start",
    command_or_label: "sh -c 'echo $FROM_SERVER $FROM_AGENT'",
    working_directory: workspace.directory,
    environment: { FROM_AGENT: "agent" },
  });
  assertEquals(environment_source, "server");
  await until(
    async () => (await agent.call("output")).text.startsWith("server agent\n"),
    { what: "both variables" },
  );
});

Deno.test("K61 K62 F74 what goes wrong with a start is said, and nothing is started", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  const plain = await workspace.write("plain.txt", "no program\n");
  const cases: [Record<string, unknown>, string[]][] = [
    [{ working_directory: workspace.path("nowhere") }, ["nowhere", "does not exist"]],
    [{ command_or_label: "no-such-program-at-all" }, ["Command not found", "no-such-program"]],
    [{ command_or_label: plain }, ["Permission denied", "plain.txt"]],
    [{ command_or_label: "" }, ["must be provided"]],
    [{ command_or_label: "echo 'unbalanced" }, ["quot"]],
  ];
  for (const [parameters, words] of cases) {
    const text = await failed(agent, {
      action: "start",
      command_or_label: "sleep 1000",
      working_directory: workspace.directory,
      ...parameters,
    });
    for (const word of words) assertStringIncludes(text, word);
  }
  assertEquals(await list(agent, { running_only: true }), []);
});

Deno.test("K66 K69 K70 a target that names nothing, or too much, comes back with the candidates", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  const start = { action: "start", command_or_label: "sleep 1000" };
  await Deno.mkdir(workspace.path("a"));
  await Deno.mkdir(workspace.path("b"));
  const a = await ctrl(agent, { ...start, working_directory: workspace.path("a"), label: "one" });
  const b = await ctrl(agent, { ...start, working_directory: workspace.path("b"), label: "two" });

  const ambiguous = await failed(agent, { action: "stop", command_or_label: "sleep 1000" });
  assertStringIncludes(ambiguous, "Multiple processes found");
  for (const { pid, label } of [a, b]) assertStringIncludes(ambiguous, `PID ${pid} ${label}`);

  const unknown = await failed(agent, { action: "stop", label: "three" });
  assertStringIncludes(unknown, "No running process found");
  assertStringIncludes(unknown, `PID ${a.pid} one`);

  assertStringIncludes(await failed(agent, { action: "stop", pid: 9999999 }), "not found");
  const taken = await failed(agent, {
    action: "start",
    command_or_label: "sleep 2000",
    working_directory: workspace.path("a"),
    label: "one",
  });
  assertStringIncludes(taken, "already running");
  assertStringIncludes(taken, String(a.pid));

  await ctrl(agent, { action: "stop", command_or_label: "one" });
  assertStringIncludes(await failed(agent, { action: "stop", pid: a.pid }), "not running");
  const narrowed = await ctrl(agent, {
    action: "stop",
    command_or_label: "sleep 1000",
    working_directory: workspace.path("b"),
  });
  assertEquals(narrowed.pid, b.pid);
});

Deno.test("K103 F104 output is bounded, counts lines and bytes, and can be asked for less", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using agent = await workspace.agent();
  await ctrl(agent, {
    action: "start",
    command_or_label: "seq 1 5000",
    working_directory: workspace.directory,
    label: "count",
  });
  await until(async () => (await list(agent))[0]?.status === "exited", { what: "the end of seq" });
  const read = async (parameters: Record<string, unknown>) =>
    (await agent.call("output", { command_or_label: "count", ...parameters })).text.split("\n");
  const lines = await read({});
  assertEquals([lines.length, lines[0], lines.at(-2)], [101, "4901", "5000"]);
  assertMatch(lines.at(-1) ?? "", /^-- last 100 lines of 23893 bytes/);
  assertEquals((await read({ lines: 3 })).slice(0, 3), ["4998", "4999", "5000"]);
  assertEquals((await read({ lines: "2", stream: "stdout" })).length, 3);
  assertEquals((await read({ stream: "stderr" })).length, 1);
  assertEquals((await read({ lines: 0 })).length, 1);
  assertEquals((await read({ since_time: "2999-01-01" })).length, 1);
  const everything = (await agent.call("output", { lines: null, max_characters: 500 })).text;
  assert(everything.length < 800, everything);
  assertStringIncludes(everything, "5000\n--");
  assertMatch((await read({ timestamps: true, lines: 1 }))[0] ?? "", /^\d{4}-\S+Z 5000$/);
});
