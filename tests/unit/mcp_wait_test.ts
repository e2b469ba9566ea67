import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withProgress } from "../../lib/mcp/tools/wait_for.ts";
import { Agent } from "../support/agent.ts";
import { until } from "../support/until.ts";
import { FakeServer } from "./server_fakes.ts";

const ERAS = ["modern", "legacy", "v1"] as const;

const connect = (server: FakeServer, options = {}) =>
  Agent.connect(`http://127.0.0.1:${server.port}/mcp`, options);

const START = { action: "start", command_or_label: "a", working_directory: "/" };

Deno.test("signs of life come to who asked for them, and end with the wait", async () => {
  const signs: number[] = [];
  const done = Promise.withResolvers<string>();
  const waiting = withProgress({ progress: (progress) => signs.push(progress) }, done.promise, {
    seconds: 0.01,
  });
  await until(() => signs.length >= 3, { what: "three signs of life" });
  done.resolve("done");
  assertEquals(await waiting, "done");
  assertEquals(signs.slice(0, 3), [0.01, 0.02, 0.03]);
  const before = signs.length;
  // Another wait shows its signs in the same distances.
  const others: number[] = [];
  const other = Promise.withResolvers<void>();
  const progress = (value: number) => others.push(value);
  const stillWaiting = withProgress({ progress }, other.promise, { seconds: 0.01 });
  await until(() => others.length >= 5, { what: "five signs of life of another wait" });
  other.resolve();
  await stillWaiting;
  assertEquals(signs.length, before);
  assertEquals(await withProgress({ progress: null }, Promise.resolve(1), { seconds: 0.01 }), 1);
});

Deno.test("only who asks for progress may wait longer than a client waits without it", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  server.context.processes.waited = Promise.resolve(
    { outcome: "port", line: "listens on 127.0.0.1:1", elapsed_seconds: 1, output: "x" },
  );
  const wait_for = { port: "any", timeout_seconds: 300 };
  const refused = await agent.call("ctrl", { ...START, wait_for });
  assert(refused.isError);
  assertStringIncludes(refused.text, "at most 50, not 300");
  assertEquals(server.context.processes.calls, []);
  const { client } = agent;
  const result = await client.callTool(
    { name: "ctrl", arguments: { ...START, wait_for } },
    // deno-lint-ignore no-explicit-any -- the two majors of the SDK take different options
    { onprogress: () => {} } as any,
  );
  assert(result.isError !== true, JSON.stringify(result));
  const { wait } = result.structuredContent as { wait: { outcome: string } };
  assertEquals(wait.outcome, "port");
});

for (const era of ERAS) {
  Deno.test(`a client (${era}) that leaves ends its wait, and not the start before it`, async () => {
    await using server = await FakeServer.start();
    const { processes } = server.context;
    const agent = await connect(server, { era });
    const gone = new AbortController();
    const call = agent.client.callTool(
      { name: "ctrl", arguments: { ...START, wait_for: { pattern: "never" } } },
      // deno-lint-ignore no-explicit-any -- the two majors of the SDK take different options
      ...(era === "v1" ? [undefined, { signal: gone.signal }] : [{ signal: gone.signal }]) as any,
    ).catch(() => {});
    const waiting = await until(() => processes.calls.find(({ method }) => method === "wait"), {
      what: "the wait",
    });
    const [, , options] = waiting.args as Parameters<typeof processes.wait>;
    assertEquals(options.signal?.aborted, false);
    gone.abort();
    await agent[Symbol.asyncDispose]();
    await until(() => options.signal?.aborted, { what: "the end of the wait" });
    await call;
    assertEquals(processes.calls.map(({ method }) => method), ["ctrl", "wait"]);
  });
}

Deno.test("the answer to a wait begins at once: clients give up on silence", async () => {
  await using server = await FakeServer.start();
  const call = { name: "ctrl", arguments: { ...START, wait_for: { pattern: "never" } } };
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  for (
    const [version, params] of [["2025-11-25", call], ["2026-07-28", { ...call, _meta: meta }]]
  ) {
    const response = await server.fetch("/mcp", {
      method: "POST",
      headers: {
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": String(version),
        "mcp-method": "tools/call",
        "mcp-name": "ctrl",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      signal: AbortSignal.timeout(5_000),
    });
    const type = response.headers.get("content-type");
    assertEquals([response.status, type], [200, "text/event-stream"]);
    await response.body?.cancel();
  }
});

Deno.test("a wait that makes no sense is refused before anything is started", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const cases: [unknown, RegExp][] = [
    [{}, /nothing to wait for.*\n.*quiet_seconds/],
    [{ pattern: "(" }, /pattern is no regular expression/],
    [{ fail_pattern: "[" }, /fail_pattern is no regular expression/],
    [{ patern: "x" }, /"wait_for.patern".*\n.*fail_pattern/],
    [{ port: 0 }, /wait_for.port/],
    [{ port: "http" }, /wait_for.port/],
    [{ http: "http://example.com" }, /this machine/],
    [{ quiet_seconds: "soon" }, /must be a number/],
    [{ exit: true, timeout_seconds: 0 }, /more than 0/],
    ["soon", /must be an object/],
  ];
  for (const [wait_for, expected] of cases) {
    for (const [tool, more] of [["ctrl", START], ["output", {}]] as const) {
      const { isError, text } = await agent.call(tool, { ...more, wait_for });
      assert(isError, `${tool} ${JSON.stringify(wait_for)}: ${text}`);
      assertMatch(text, expected);
      assert(text.length < 400, text);
    }
  }
  assertEquals(
    server.context.processes.calls.filter(({ method }) => method !== "history"),
    [],
  );
});

Deno.test("numbers within wait_for, and wait_for itself, may come as strings", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const { processes } = server.context;
  processes.waited = Promise.resolve(
    { outcome: "quiet", line: null, elapsed_seconds: 1, output: "" },
  );
  for (
    const wait_for of [
      { quiet_seconds: "1.5", port: "3000", timeout_seconds: "5", exit: "true", pattern: "7" },
      '{"quiet_seconds":"1.5","port":3000,"timeout_seconds":5,"exit":true,"pattern":"7"}',
    ]
  ) {
    processes.calls = [];
    const { isError, text } = await agent.call("ctrl", { ...START, wait_for });
    assert(!isError, text);
    assertEquals(processes.calls[1]?.args[1], {
      quiet_seconds: 1.5,
      port: 3000,
      timeout_seconds: 5,
      exit: true,
      pattern: "7",
    });
  }
});

Deno.test("cursors that are none, or another process's, are refused in a sentence", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  for (const cursor of ["garbage", "🙂", "A".repeat(5_000)]) {
    const { isError, text } = await agent.call("output", { cursor });
    assert(isError);
    assertMatch(text, /is not a cursor\.\nCopy it whole/);
    assert(text.length < 250);
  }
  // A sound one, of a process that nobody knows.
  const { formatCursor } = await import("../../lib/logs/cursor.ts");
  const positions = [{ process: "ffffffff", run: 1, stdout: 0, stderr: 0 }];
  const cursor = formatCursor({ all: false, positions });
  assertMatch((await agent.call("output", { cursor })).text, /not known any more/);
  const named = await agent.call("output", { cursor, command_or_label: "web" });
  assertMatch(named.text, /belongs to another process/);
});
