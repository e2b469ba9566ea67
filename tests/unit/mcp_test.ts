import type { ListToolsResult } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Exchanges } from "../../lib/mcp/exchange.ts";
import { INSTRUCTIONS } from "../../lib/mcp/instructions.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { Agent } from "../support/agent.ts";
import { until } from "../support/until.ts";
import { FakeServer, processInfo } from "./server_fakes.ts";

const ERAS = ["modern", "legacy", "v1"] as const;

const connect = (server: FakeServer, options = {}) =>
  Agent.connect(`http://127.0.0.1:${server.port}/mcp`, options);

Deno.test("K58 every client sees exactly three tools, always the same", async () => {
  await using server = await FakeServer.start();
  const seen = [];
  for (const era of ERAS) {
    await using agent = await connect(server, { era });
    seen.push(await agent.tools());
  }
  assertEquals(seen[0], seen[1]);
  assertEquals(seen[0]?.map(({ name }) => name), ["ctrl", "list", "output"]);
  const parameters = Object.fromEntries(
    seen[0]?.map(({ name, inputSchema }) => [
      name,
      Object.keys((inputSchema as { properties: object }).properties).sort(),
    ]) ?? [],
  );
  const target = ["command_or_label", "pid", "working_directory"];
  const all = (...more: string[]) => [...target, ...more].sort();
  assertEquals(parameters, {
    ctrl: all(
      ...["action", "environment", "force", "grace_seconds", "label", "pty", "text", "wait_for"],
    ),
    list: all("running_only"),
    output: all(
      ...["before_time", "lines", "max_characters", "since_time", "stream", "timestamps"],
      ...["context_lines", "cursor", "grep", "since_last_start", "wait_for"],
    ),
  });
});

Deno.test("schemas are flat, closed and cheap, and say what the tool does to the world", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const { tools }: ListToolsResult = await agent.client.listTools();
  for (const { name, description = "", inputSchema, annotations, outputSchema } of tools) {
    assertEquals(inputSchema["additionalProperties"], false, name);
    for (const word of ["anyOf", "oneOf", "allOf"]) assert(!(word in inputSchema), name);
    assertEquals(Object.keys(annotations ?? {}).sort(), [
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
    assertEquals(annotations?.readOnlyHint, name !== "ctrl");
    assertEquals(outputSchema !== undefined, name !== "output");
    assert(description.length < 2_000 && description.includes("{"), name);
  }
  const advertised = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  assert(JSON.stringify(advertised).length < 5_000);
});

Deno.test("the instructions fit into what clients show", async () => {
  await using server = await FakeServer.start();
  for (const era of ERAS) {
    await using agent = await connect(server, { era });
    assertEquals(agent.client.getInstructions(), INSTRUCTIONS);
  }
  assert(INSTRUCTIONS.length < 2_000);
  assert(INSTRUCTIONS.slice(0, 512).includes("\n\n"));
});

Deno.test("the tools never change, and clients are told so", async () => {
  await using server = await FakeServer.start();
  for (const era of ERAS) {
    await using agent = await connect(server, { era });
    assertEquals(agent.client.getServerCapabilities()?.tools, { listChanged: false });
  }
});

Deno.test("facts come as structure and as the same JSON in text", async () => {
  await using server = await FakeServer.start();
  const { process: _, run: _run, run_directory: _directory, ...info } = processInfo();
  for (const era of ERAS) {
    await using agent = await connect(server, { era });
    await agent.client.listTools(); // Clients check structure against the schemas they know.
    const list = await agent.call("list");
    assertEquals([list.isError, list.structured], [false, { processes: [info] }]);
    assertEquals(JSON.parse(list.text), list.structured);
    const ctrl = await agent.call("ctrl", { action: "stop", label: "web" });
    assertEquals([ctrl.isError, JSON.parse(ctrl.text)], [false, ctrl.structured]);
    assertEquals(
      Object.keys(ctrl.structured ?? {}).join(),
      [
        "action,pid,label,status,exit_code,signal,reason,previous_pid,already_running",
        "environment_source,survivors,log_stdout,log_stderr",
      ].join(),
    );
  }
});

Deno.test("a wrong parameter is an error that names it, and nothing is done", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const start = { action: "start", command_or_label: "a", working_directory: "/" };
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ["list", { runing_only: true }, /Unknown parameter "runing_only".*\n.*running_only/],
    ["list", { pid: "abc" }, /"pid" must be a number/],
    ["list", { pid: -1 }, /"pid" must be at least 0/],
    ["output", { lines: -1 }, /"lines" must be at least 0/],
    ["output", { lines: 1.5 }, /"lines" must be a whole number/],
    ["output", { stream: "both" }, /combined, stdout, stderr, not "both"/],
    ["output", { since_time: "yesterday" }, /"yesterday" is not a time/],
    ["output", { before_time: "" }, /is not a time/],
    ["output", { max_characters: 1_000_000 }, /at most 30000/],
    ["output", { pid: 0 }, /server\.log/],
    ["ctrl", {}, /"action" is required/],
    ["ctrl", { action: "kill", pid: 1 }, /start, stop, restart, input, not "kill"/],
    ["ctrl", { action: "stop" }, /must be provided/],
    ["ctrl", { action: "restart", label: "" }, /must be provided/],
    ["ctrl", { action: "stop", pid: 0 }, /server itself/],
    ["ctrl", { action: "start", working_directory: "/" }, /command_or_label.*must be provided/],
    ["ctrl", { action: "start", command_or_label: "a" }, /working_directory.*must be provided/],
    ["ctrl", { ...start, working_directory: "shop" }, /must be an absolute path/],
    ["list", { working_directory: "shop" }, /must be an absolute path/],
    ["output", { working_directory: "./shop" }, /must be an absolute path/],
    ["output", { command_or_label: "a", working_directory: "." }, /must be an absolute path/],
    ["ctrl", { ...start, text: "yes" }, /text is for input, not for start/],
    ["ctrl", { action: "stop", label: "a", text: "yes" }, /text is for input, not for stop/],
    [
      "ctrl",
      { action: "restart", label: "a", environment: { A: "1" } },
      /environment is for start, not for restart/,
    ],
    ["ctrl", { action: "input", label: "a", text: "y", pty: true }, /pty is for start/],
    ["ctrl", { ...start, environment: { ["A".repeat(1_000)]: 1 } }, /"environment.A+… must be/],
    ["ctrl", { ...start, environment: { A: 1 } }, /"environment.A" must be a string/],
    ["ctrl", { ...start, environment: "A=1" }, /"environment" must be an object/],
    ["ctrl", { ...start, environment: ["A"] }, /"environment" must be an object/],
    ["ctrl", { ...start, grace_seconds: -1 }, /"grace_seconds" must be at least 0/],
  ];
  for (const [tool, parameters, expected] of cases) {
    const { isError, text, structured } = await agent.call(tool, parameters);
    assert(isError, `${tool} ${JSON.stringify(parameters)}`);
    assert(expected.test(text), `${text} is not ${expected}`);
    assertEquals(structured, undefined);
    assert(text.length < 400, text);
  }
  assertEquals(server.context.processes.calls, []);
});

Deno.test("what models send instead of the right type, or of nothing, is understood", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const nothing = { pid: null, label: "", environment: null, force: null, grace_seconds: null };
  const start = { action: "start", command_or_label: "a", working_directory: "/" };
  await agent.call("ctrl", { ...nothing, ...start });
  await agent.call("ctrl", { action: "stop", pid: "12", force: "true", grace_seconds: "1.5" });
  await agent.call("list", { pid: "12", command_or_label: "12", running_only: "false" });
  assertEquals(server.context.processes.calls.map(({ args }) => args[0]), [
    start,
    { action: "stop", pid: 12, force: true, grace_seconds: 1.5 },
    { pid: 12, command_or_label: "12", running_only: false },
  ]);
});

Deno.test("parameters of other actions that say nothing do no harm", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const defaults = { text: "", force: false, grace_seconds: 8, environment: {}, pty: false };
  const start = { action: "start", command_or_label: "a", working_directory: "/" };
  const calls = [start, { action: "stop", label: "a" }, { action: "input", label: "a" }];
  for (const call of calls) {
    const { isError, text } = await agent.call("ctrl", { ...defaults, ...call });
    assert(!isError, text);
  }
});

Deno.test("of a directory where there is nothing, it is said, and where there is something", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  const { processes } = server.context;
  processes.list = () => Promise.resolve([]);
  processes.history = () => Promise.resolve([]);
  const note = "No process matches in /srv/shpo, but there are processes in /srv/shop.";
  await agent.client.listTools();
  const list = await agent.call("list", { working_directory: "/srv/shpo" });
  assertEquals(list.structured, { processes: [], note });
  assertEquals((await agent.call("list", { working_directory: "" })).structured, { processes: [] });
  const output = await agent.call("output", { working_directory: "/srv/shpo" });
  assert(output.text.startsWith(`${note}\n-- 0 lines`), output.text);
  processes.all = [];
  const none = await agent.call("list", { working_directory: "/srv" });
  assertEquals(none.structured?.note, "No process matches in /srv, nor anywhere else.");
});

Deno.test("output reads one target, a directory, or everything", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  server.context.processes.all = [];
  await agent.call("output", { pid: 12 });
  await agent.call("output", { working_directory: "/srv" });
  const { text, structured } = await agent.call("output", { lines: null });
  const read = server.context.processes.calls.filter(({ method }) => method === "history");
  assertEquals(read.map(({ args }) => args[1]), [true, false, true]);
  assertEquals(structured, undefined);
  assert(text.startsWith("-- 0 lines"), text);
});

Deno.test("a failure says what is wrong, who was meant, and what to do", async () => {
  await using server = await FakeServer.start();
  server.context.processes.failure = new PersistprocError(
    "ambiguous",
    "Multiple processes found.",
    {
      hint: "Name one by its pid.",
      candidates: [
        { pid: 5, label: "a", command: "npm run dev", working_directory: "/s", status: "running" },
      ],
    },
  );
  for (const era of ERAS) {
    await using agent = await connect(server, { era });
    await agent.client.listTools();
    const { isError, text } = await agent.call("ctrl", { action: "stop", label: "a" });
    assert(isError);
    assertEquals(text.split("\n"), [
      "Multiple processes found.",
      "  PID 5 a (running): npm run dev in /s",
      "Name one by its pid.",
    ]);
  }
});

Deno.test("a bug tells nothing of itself, but to the log", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  server.context.processes.failure = new Error("secret");
  const { isError, text } = await agent.call("ctrl", { action: "stop", label: "a" });
  assert(isError && !text.includes("secret"), text);
  assert(server.context.messages.some((message) => message.includes("secret")));
});

Deno.test("an unknown tool is an error", async () => {
  await using server = await FakeServer.start();
  await using agent = await connect(server);
  await assertRejects(() => agent.call("shell"), Error, "shell");
});

Deno.test("the processes learn who asks, and nobody is taken for a person", async () => {
  await using server = await FakeServer.start();
  const stop = { action: "stop", label: "web" };
  for (const era of ERAS) {
    await using agent = await connect(server, { era, name: "cursor" });
    await agent.call("ctrl", stop);
  }
  const callers = server.context.processes.calls.map(({ args }) => args[1]);
  // Without a handshake that is remembered, only the current protocol says who calls.
  assertEquals(callers, [{ name: "cursor" }, { name: "agent" }, { name: "agent" }]);
});

const CALL = (name: string, parameters: object) => ({
  method: "POST",
  headers: { accept: "application/json, text/event-stream" },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name, arguments: parameters },
  }),
});

Deno.test("a call that was begun is finished when its client has gone", async () => {
  await using server = await FakeServer.start();
  const { processes } = server.context;
  const pause = Promise.withResolvers<void>();
  let finished = false;
  processes.pause = pause.promise.then(() => void (finished = true));
  const abort = new AbortController();
  const response = await server.fetch("/mcp", {
    ...CALL("ctrl", { action: "stop", label: "web" }),
    signal: abort.signal,
  });
  await until(() => processes.calls.length === 1, { what: "the call" });
  abort.abort();
  await response.body?.cancel().catch(() => {});
  pause.resolve();
  await until(() => finished, { what: "the end of the call" });
});

Deno.test("the end of the server answers the calls that are open", async () => {
  const server = await FakeServer.start();
  server.context.processes.pause = new Promise(() => {});
  const answers = [];
  for (const era of ERAS) {
    const agent = await connect(server, { era });
    answers.push(agent.call("ctrl", { action: "stop", label: "web" }));
  }
  const { calls } = server.context.processes;
  await until(() => calls.length === ERAS.length, { what: "all calls" });
  await server[Symbol.asyncDispose]();
  for (const { isError, text } of await Promise.all(answers)) {
    assert(isError && text.includes("server has ended"), text);
  }
});

Deno.test("the end of the server does not wait for a client that does not read", async () => {
  const server = await FakeServer.start();
  const subscribe = await server.fetch("/mcp", {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "subscriptions/listen",
      params: {
        notifications: { toolsListChanged: true },
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  });
  assertEquals(subscribe.headers.get("content-type"), "text/event-stream");
  await server[Symbol.asyncDispose]();
  await subscribe.text();
});

Deno.test("GET and DELETE are plain 405s, not pages", async () => {
  await using server = await FakeServer.start();
  for (const method of ["GET", "HEAD", "DELETE", "OPTIONS"]) {
    const response = await server.fetch("/mcp", { method });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("allow")], [405, "POST"]);
  }
});

Deno.test("/mcp/ and / are the same endpoint", async () => {
  await using server = await FakeServer.start();
  for (const path of ["/mcp", "/mcp/", "/"]) {
    const response = await server.fetch(path, CALL("list", {}));
    assert((await response.text()).includes('"structuredContent"'), path);
  }
});

Deno.test("an exchange is forgotten when it is over: answered, failed, or given up", async () => {
  const exchanges = new Exchanges();
  const answered = await exchanges.run(() => Promise.resolve(new Response("answer")));
  assertEquals(exchanges.size, 1);
  assertEquals(await answered.text(), "answer");
  await exchanges.run(() => Promise.resolve(new Response(null, { status: 202 })));
  await assertRejects(() => exchanges.run(() => Promise.reject(new Error("failed"))));
  assertEquals(exchanges.size, 0);

  const broken = new ReadableStream({ pull: () => Promise.reject(new Error("broken off")) });
  const half = await exchanges.run(() => Promise.resolve(new Response(broken)));
  await assertRejects(() => half.text());
  assertEquals(exchanges.size, 0);

  let signal: AbortSignal | undefined;
  const endless = new ReadableStream<Uint8Array>();
  const given = await exchanges.run((exchange) => {
    signal = exchange.signal;
    return Promise.resolve(new Response(endless));
  });
  assertEquals([exchanges.size, signal?.aborted], [1, false]);
  await given.body?.cancel();
  assertEquals([exchanges.size, signal?.aborted], [0, true]);
});
