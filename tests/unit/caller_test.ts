/** Who may ask: whoever knows the token, and of this user's programs those that need not. */
import { assert, assertEquals } from "@std/assert";
import { PROOF_HEADER, proveCaller } from "../../lib/protocol/proof.ts";
import { answer } from "../../lib/server/router.ts";
import type { Whose } from "../../lib/server/connections.ts";
import { fakeContext, INFO, request, TOKEN } from "./server_fakes.ts";

const LIST = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list", arguments: {} },
};

/** The routes that this user's programs may use without the token. */
const OPEN: Record<string, unknown> = {
  "/health": undefined,
  "/mcp": LIST,
  "/mcp/": LIST,
  "/": LIST,
};

interface Asked {
  headers?: Record<string, string>;
  whose?: Whose;
  requireToken?: boolean;
  method?: string;
}

async function ask(path: string, asked: Asked = {}) {
  const context = fakeContext();
  context.connections.whose = asked.whose ?? "ours";
  context.requireToken = asked.requireToken ?? false;
  const { headers = {}, method } = asked;
  const sent = request(path, {
    body: OPEN[path.split("?", 1)[0] ?? ""],
    headers: { authorization: "", ...headers },
    ...method === undefined ? {} : { method },
  });
  const response = await answer(sent, INFO, context);
  const text = await response.text();
  await context.mcp.close();
  const { lookedUp } = context.connections;
  return { status: response.status, ran: context.processes.calls.length > 0, text, lookedUp };
}

const BEARER = { authorization: `Bearer ${TOKEN}` };

Deno.test("F54 without the token every request is looked up, and only this user's own are answered", async () => {
  for (const path of Object.keys(OPEN)) {
    const own = await ask(path);
    assertEquals([own.status, own.lookedUp], [200, 1], path);
    for (const whose of ["another user's", "unknown"] as const) {
      const { status, ran, lookedUp, text } = await ask(path, { whose });
      assertEquals([status, ran, lookedUp], [403, false, 1], `${path}: ${whose}`);
      assertEquals(JSON.parse(text).error.code, "forbidden");
    }
  }
});

Deno.test("who sends the token is not looked up", async () => {
  for (const path of Object.keys(OPEN)) {
    const { status, lookedUp } = await ask(path, { headers: BEARER, whose: "unknown" });
    assertEquals([status, lookedUp], [200, 0], path);
  }
});

Deno.test("a wrong token is refused, whosever connection it is", async () => {
  const wrong = ["0".repeat(64), TOKEN.slice(1), `${TOKEN}0`, "a"];
  for (const path of Object.keys(OPEN)) {
    for (const token of wrong) {
      const { status, ran } = await ask(path, { headers: { authorization: `Bearer ${token}` } });
      assertEquals([status, ran], [403, false], path);
    }
  }
});

Deno.test("with --require-token nothing but the token counts", async () => {
  for (const path of Object.keys(OPEN)) {
    const without = await ask(path, { requireToken: true });
    assertEquals([without.status, without.ran, without.lookedUp], [403, false, 0], path);
    const { status } = await ask(path, { requireToken: true, headers: BEARER });
    assertEquals(status, 200, path);
  }
});

Deno.test("/health takes a proof of the token instead, made for its port and nonce only", async () => {
  const askWith = (proof: string, nonce = "abc") =>
    ask(`/health?nonce=${nonce}`, {
      headers: { [PROOF_HEADER]: proof },
      whose: "another user's",
    });
  const proof = await proveCaller(TOKEN, 8947, "abc");
  const { status, lookedUp } = await askWith(proof);
  assertEquals([status, lookedUp], [200, 0]);
  assertEquals((await askWith(proof, "abd")).status, 403);
  assertEquals((await askWith(proof, "")).status, 403);
  assertEquals((await askWith(await proveCaller(TOKEN, 8948, "abc"))).status, 403);
  assertEquals((await askWith(await proveCaller("0".repeat(64), 8947, "abc"))).status, 403);
  const headers = { [PROOF_HEADER]: await proveCaller(TOKEN, 8947, "abc") };
  assertEquals((await ask("/mcp?nonce=abc", { headers, whose: "unknown" })).status, 403);
});

Deno.test("Host, Origin and path come before the look-up, everything else after it", async () => {
  for (const [name, value] of [["host", "evil.example"], ["origin", "http://evil.example"]]) {
    const { lookedUp } = await ask("/mcp", { headers: { [name ?? ""]: value ?? "" } });
    assertEquals(lookedUp, 0, name);
  }
  const nowhere = await ask("/nowhere", { whose: "unknown" });
  assertEquals([nowhere.status, nowhere.lookedUp], [404, 0]);
  const late: Asked[] = [
    { method: "PUT" },
    { method: "OPTIONS" },
    { headers: { "content-type": "text/plain" } },
    { headers: { "content-length": "4194305" } },
  ];
  for (const asked of late) {
    assertEquals((await ask("/mcp", { ...asked, whose: "another user's" })).status, 403);
    assert((await ask("/mcp", asked)).status >= 405);
  }
});

Deno.test("a token that was replaced is refused from then on, and who watches has to come again", async () => {
  const context = fakeContext();
  const watched = await answer(request("/api/events"), INFO, context);
  const replaced = await answer(request("/api/token", { body: {} }), INFO, context);
  assertEquals([replaced.status, await replaced.json()], [200, {}]);
  assertEquals(context.events.size, 0);
  await watched.body?.cancel();
  const list = (token: string) =>
    answer(
      request("/api/list", { body: {}, headers: { authorization: `Bearer ${token}` } }),
      INFO,
      context,
    );
  assertEquals((await list(TOKEN)).status, 403);
  assertEquals((await list(context.token)).status, 200);
  await context.mcp.close();
});
