import { assert, assertEquals } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { proveToken } from "../../lib/protocol/proof.ts";
import { answer } from "../../lib/server/router.ts";
import { fakeContext, INFO, request, TOKEN } from "./server_fakes.ts";

const caller = { name: "terminal", environment: { A: "1" }, working_directory: "/srv" };

Deno.test("/health proves the token without telling it, and tells no more without a nonce", async () => {
  const context = fakeContext();
  const plain = await (await answer(request("/health"), INFO, context)).json();
  assertEquals(Object.keys(plain), ["name", "version", "pid"]);
  const asked = request("/health?nonce=abc", { headers: { authorization: "" } });
  const text = await (await answer(asked, INFO, context)).text();
  assertEquals(JSON.parse(text).proof, await proveToken(TOKEN, "abc"));
  assert(!text.includes(TOKEN));
  const long = await answer(request(`/health?nonce=${"a".repeat(257)}`), INFO, context);
  assertEquals([long.status, (await long.json()).error.code], [400, "invalid_request"]);
});

Deno.test("/api passes requests on as they are", async () => {
  const context = fakeContext();
  const ctrl = { action: "start", command: ["a", "b"], stdin: { kind: "file", path: "/x" } };
  await answer(request("/api/ctrl", { body: { request: ctrl, caller } }), INFO, context);
  await answer(request("/api/list", { body: { running_only: true } }), INFO, context);
  await answer(request("/api/runs", { body: { target: { pid: 3 }, all: true } }), INFO, context);
  assertEquals(context.processes.calls, [
    { method: "ctrl", args: [ctrl, caller] },
    { method: "list", args: [{ running_only: true }] },
    { method: "runs", args: [{ pid: 3 }, true] },
    { method: "history", args: [{ pid: 3 }, true] },
  ]);
});

Deno.test("a body that makes no sense is refused with a sentence that names the field", async () => {
  const stop = { action: "stop", pid: 1 };
  const cases: [string, unknown, RegExp][] = [
    ["/api/ctrl", {}, /"request" is required/],
    ["/api/ctrl", { request: stop }, /"caller" is required/],
    ["/api/ctrl", { request: { ...stop, action: "kill" }, caller }, /start, stop, restart.*"kill"/],
    [
      "/api/ctrl",
      { request: { ...stop, pid: "1" }, caller },
      /"request.pid" must be a number/,
    ],
    ["/api/ctrl", { request: { ...stop, pid: -1 }, caller }, /"request.pid" must be at least 0/],
    ["/api/ctrl", { request: { ...stop, grace: 1 }, caller }, /Unknown parameter "request.grace"/],
    [
      "/api/ctrl",
      { request: { ...stop, environment: { A: 1 } }, caller },
      /"request.environment.A" must be a string/,
    ],
    ["/api/list", { pid: 1.5 }, /"pid" must be a whole number/],
    ["/api/list", [], /must be an object/],
    ["/api/list", null, /must be an object/],
    ["/api/runs", { target: {}, all: 1 }, /"all" must be true or false/],
    ["/api/shutdown", {}, /"keep" is required/],
  ];
  for (const [path, body, expected] of cases) {
    const context = fakeContext();
    const response = await answer(request(path, { body }), INFO, context);
    const { error } = await response.json();
    assertEquals([response.status, error.code], [400, "invalid_request"], path);
    assert(expected.test(error.message), `${error.message} is not ${expected}`);
    assertEquals([context.processes.calls, context.ends], [[], []]);
  }
});

Deno.test("a body that is no JSON is refused", async () => {
  const { method, headers } = request("/api/list", { body: {} });
  for (const body of ["", "{", "\xff", "nul"]) {
    const asked = new Request("http://127.0.0.1:8947/api/list", { method, headers, body });
    const response = await answer(asked, INFO, fakeContext());
    assertEquals((await response.json()).error.message, "The body is not JSON.");
  }
});

Deno.test("a failure arrives whole; a bug tells nothing of itself, but to the log", async () => {
  const context = fakeContext();
  const body = { request: { action: "stop", pid: 1 }, caller };
  const candidates = [{
    pid: 1,
    label: "a",
    command: "b",
    working_directory: "/c",
    status: "running",
  }];
  context.processes.failure = new PersistprocError("ambiguous", "Which?", {
    hint: "Say.",
    candidates,
  });
  const known = await answer(request("/api/ctrl", { body }), INFO, context);
  assertEquals([known.status, await known.json()], [409, {
    error: { code: "ambiguous", message: "Which?", hint: "Say.", candidates },
  }]);
  context.processes.failure = new Error("secret at /data/secret.ts");
  const bug = await answer(request("/api/ctrl", { body }), INFO, context);
  const text = await bug.text();
  assertEquals(bug.status, 500);
  assert(!text.includes("secret") && JSON.parse(text).error.code === "internal", text);
  assert(context.messages.some((message) => message.includes("secret at")));
});

Deno.test("pid 0 is the server itself", async () => {
  const context = fakeContext();
  const list = async (body: unknown) =>
    (await (await answer(request("/api/list", { body }), INFO, context)).json()).processes;
  const [server, ...others] = await list({ pid: 0 });
  assertEquals(others, []);
  assertEquals(
    [server.pid, server.label, server.command, server.status, server.log_stdout],
    [99, "persistproc-server", ["persistproc", "serve"], "running", "/data/server.log"],
  );
  assertEquals((await list({ pid: 0, command_or_label: "persistproc-server" })).length, 1);
  assertEquals(await list({ pid: 0, working_directory: "/elsewhere" }), []);
});

Deno.test("shutdown answers before it ends the server, also when the answer cannot be sent", async () => {
  const context = fakeContext();
  for (const keep of [true, false]) {
    const sent = Promise.withResolvers<void>();
    const response = await answer(
      request("/api/shutdown", { body: { keep } }),
      { ...INFO, completed: sent.promise },
      context,
    );
    assertEquals(await response.json(), { pid: 99 });
    assertEquals(context.ends.length, keep ? 0 : 1);
    if (keep) sent.resolve();
    else sent.reject(new Error("client gone"));
    await sent.promise.catch(() => {});
  }
  assertEquals(context.ends, [true, false]);
});
