import { assert, assertEquals } from "@std/assert";
import { answer } from "../../lib/server/router.ts";
import { ROUTES } from "../../lib/server/routes/table.ts";
import { fakeContext, INFO, request, TOKEN } from "./server_fakes.ts";

/** The status of an answer, and whether anything was asked of the processes. */
async function ask(asked: Request): Promise<{ status: number; ran: boolean; text: string }> {
  const context = fakeContext();
  context.processes.waited = Promise.resolve({
    outcome: "exited",
    line: null,
    elapsed_seconds: 0,
    output: "",
  });
  const response = await answer(asked, INFO, context);
  const text = response.headers.get("content-type") === "application/x-ndjson"
    ? (await response.body?.cancel(), "")
    : await response.text();
  await context.mcp.close();
  return { status: response.status, ran: context.processes.calls.length > 0, text };
}

/** A body that every POST route accepts as JSON, if not as its own. */
const BODIES: Record<string, unknown> = {
  "/api/ctrl": { request: { action: "stop", pid: 1 }, caller: { name: "terminal" } },
  "/api/list": {},
  "/api/runs": { target: {}, all: true },
  "/api/shutdown": { keep: true },
  "/api/token": {},
  "/api/wait": { run: "a1-1", request: { exit: true, timeout_seconds: 1 }, from: "now" },
};
const LIST = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list", arguments: {} },
};
BODIES["/api/mcp"] = { message: LIST, caller: { working_directory: "/srv/shop" } };

const paths = [...ROUTES.keys()];

function proper(path: string, headers: Record<string, string> = {}): Request {
  const body = ROUTES.get(path)?.method === "GET" ? undefined : BODIES[path] ?? LIST;
  const query = path === "/api/events" ? "?process=a1" : "";
  return request(path + query, { body, headers });
}

Deno.test("every route answers a proper request", async () => {
  for (const path of paths) {
    assertEquals((await ask(proper(path))).status, 200, path);
  }
});

Deno.test("F53 a foreign Host is refused on every route, and where no route is, before anything runs", async () => {
  const hosts = [
    "evil.example",
    "evil.example:8947",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.1:89470",
    "localhost:8947.evil.example",
    "127.0.0.1:8947@evil.example",
    "0.0.0.0:8947",
    "",
  ];
  for (const path of [...paths, "/nowhere"]) {
    for (const host of hosts) {
      const { status, ran } = await ask(proper(path, { host }));
      assertEquals([status, ran], [403, false], `${path} for ${host}`);
    }
  }
});

Deno.test("a request without Host is refused", async () => {
  const asked = proper("/health");
  asked.headers.delete("host");
  assertEquals((await ask(asked)).status, 403);
});

Deno.test("the server's own names pass, in any case", async () => {
  for (const host of ["127.0.0.1:8947", "localhost:8947", "LocalHost:8947", "[::1]:8947"]) {
    assertEquals((await ask(proper("/health", { host }))).status, 200, host);
  }
});

Deno.test("F53 a foreign Origin is refused on every route, and where no route is, before anything runs", async () => {
  const origins = [
    "null",
    "",
    "http://evil.example",
    "http://localhost:3000",
    "http://localhost",
    "https://localhost:8947",
    "http://localhost:8947.evil.example",
    "http://127.0.0.1:8947/",
    "chrome-extension://abcdef",
  ];
  for (const path of [...paths, "/nowhere"]) {
    for (const origin of origins) {
      const { status, ran } = await ask(proper(path, { origin }));
      assertEquals([status, ran], [403, false], `${path} for ${origin}`);
    }
  }
});

Deno.test("the server's own Origin passes, and gets no CORS header", async () => {
  for (const origin of ["http://127.0.0.1:8947", "http://localhost:8947"]) {
    const context = fakeContext();
    const response = await answer(proper("/health", { origin }), INFO, context);
    assertEquals(response.status, 200);
    await response.body?.cancel();
    assertEquals([...response.headers.keys()].filter((name) => name.startsWith("access-")), []);
  }
});

Deno.test("paths that clients probe for are a plain 404 without a token", async () => {
  const probed = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/mcp/.well-known/openid-configuration",
    "/api",
    "/api/",
    "/api/ctrl/",
    "/API/ctrl",
    "//mcp",
    "/favicon.ico",
  ];
  for (const path of probed) {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      const asked = request(path, { method, headers: { authorization: "" } });
      const { status, text } = await ask(asked);
      assertEquals([status, text], [404, "not found\n"], `${method} ${path}`);
    }
  }
});

Deno.test("F54 /api needs the token before it says anything else", async () => {
  const wrong = ["", `Bearer ${TOKEN.slice(1)}`, `Bearer ${TOKEN}0`, `Basic ${TOKEN}`, TOKEN];
  wrong.push(`Bearer ${TOKEN.replace("f", "e")}`);
  for (const path of paths.filter((path) => path.startsWith("/api/"))) {
    for (const authorization of wrong) {
      for (const method of ["GET", "POST", "PUT"]) {
        const headers = { authorization, "content-type": "text/plain" };
        const { status, ran } = await ask(request(path, { method, headers }));
        assertEquals([status, ran], [403, false], `${method} ${path} with ${authorization}`);
      }
    }
  }
});

Deno.test("a command line of another version is told both versions, but may end the server", async () => {
  for (const path of paths.filter((path) => path.startsWith("/api/"))) {
    const { status, text } = await ask(proper(path, { "x-persistproc-version": "0.0.1" }));
    if (path === "/api/shutdown") {
      assertEquals(status, 200);
      continue;
    }
    assertEquals(status, 409, path);
    const { error } = JSON.parse(text);
    assertEquals(error.code, "server_mismatch");
    assert(/0\.0\.1/.test(error.message) && /0\.3\.0/.test(error.message), error.message);
  }
});

Deno.test("only the method of the route is answered", async () => {
  for (const [path, { method }] of ROUTES) {
    for (const other of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      if (other === method) continue;
      const context = fakeContext();
      const response = await answer(request(path, { method: other }), INFO, context);
      await response.body?.cancel();
      assertEquals([response.status, response.headers.get("allow")], [405, method], path);
    }
  }
});

Deno.test("what a web page may send without asking is no JSON", async () => {
  const types = ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];
  types.push("text/plain; application/json", "application/jsonp", "x/application/json");
  for (const path of paths.filter((path) => ROUTES.get(path)?.method === "POST")) {
    for (const type of types) {
      const { status, ran } = await ask(proper(path, { "content-type": type }));
      assertEquals([status, ran], [415, false], `${path} as ${type}`);
    }
    const charset = "Application/JSON; charset=utf-8";
    assertEquals((await ask(proper(path, { "content-type": charset }))).status, 200);
  }
});

Deno.test("a body that says it is too large is refused unread", async () => {
  for (const path of paths.filter((path) => ROUTES.get(path)?.method === "POST")) {
    const { status, ran } = await ask(proper(path, { "content-length": "4194305" }));
    assertEquals([status, ran], [413, false], path);
  }
});

Deno.test("refusals repeat nothing of the request", async () => {
  const mark = "zzmarkzz";
  const asked = [
    proper("/health", { host: mark }),
    proper("/health", { origin: `http://${mark}` }),
    request(`/${mark}`),
    proper("/api/list", { authorization: `Bearer ${mark}` }),
    proper("/api/list", { "x-persistproc-version": mark }),
    proper("/api/list", { "content-type": mark }),
  ];
  for (const each of asked) {
    const { status, text } = await ask(each);
    assert(status >= 400 && !text.includes(mark), text);
  }
});
