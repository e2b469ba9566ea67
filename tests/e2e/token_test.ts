/** The token: printed, replaced while everything goes on, and required of everybody. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { PROOF_HEADER, proveCaller, proveToken } from "../../lib/protocol/proof.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const TOKEN = /^[0-9a-f]{64}\n$/;

const LIST = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list", arguments: {} },
};

/** The status of a request with this token, or with none. */
async function statusOf(
  { port }: Workspace,
  path: string,
  body: unknown,
  token?: string,
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      "x-persistproc-version": VERSION,
      ...token === undefined ? {} : { authorization: `Bearer ${token}` },
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("the token is printed, and made and replaced also where no server runs", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.run(["token"]);
  assertMatch(first.stdout, TOKEN);
  assertEquals((await workspace.run(["token"])).stdout, first.stdout);
  const second = await workspace.run(["token", "--rotate"]);
  assertMatch(second.stdout, TOKEN);
  assert(second.stdout !== first.stdout);
  const path = join(workspace.dataDirectory, "token");
  assertEquals(await Deno.readTextFile(path), second.stdout);
  await workspace.serve();
  assertEquals(await workspace.runJson(["token"]), { token: second.stdout.trim(), path });
});

Deno.test("a running server takes a new token at once, and whoever is connected goes on", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const viewer = workspace.spawn(["run", "--label", "web", "sh", "-c", "echo up; cat"]);
  await viewer.waitFor("up");
  const bridge = await workspace.bridge();
  const agent = await workspace.agent();

  const old = (await workspace.run(["token"])).stdout.trim();
  assertEquals(await statusOf(workspace, "/api/list", {}, old), 200);
  const { stdout, stderr } = await workspace.run(["token", "--rotate"]);
  assertStringIncludes(stderr, "The old token is refused from now on.");
  for (const [path, body] of [["/api/list", {}], ["/mcp", LIST], ["/health", undefined]] as const) {
    assertEquals(await statusOf(workspace, path, body, old), 403, path);
    assertEquals(await statusOf(workspace, path, body, stdout.trim()), 200, path);
  }
  assertEquals((await workspace.run(["list"])).code, 0);
  for (const each of [bridge, agent]) assertEquals((await each.call("list")).isError, false);
  assertEquals((await workspace.run(["input", "--text", "after", "web"])).code, 0);
  await viewer.waitFor("after");
  assertEquals((await workspace.run(["restart", "web"])).code, 0);
  await until(() => viewer.stdout.split("up\n").length === 3, {
    what: "the output of the next run",
  });
  assertEquals((await workspace.run(["stop", "web"])).code, 0);
  await viewer.end();
});

Deno.test("a server that requires the token answers nobody without it, until told otherwise", async () => {
  await using workspace = await Workspace.create();
  const required = await workspace.serve(["--require-token"]);
  await required.waitFor("only to callers that send its token");
  const token = (await workspace.run(["token"])).stdout.trim();
  const refused = async () => {
    assertEquals(await statusOf(workspace, "/mcp", LIST), 403);
    assertEquals(await statusOf(workspace, "/health", undefined), 403);
    assertEquals(await statusOf(workspace, "/mcp", LIST, token), 200);
  };
  await refused();

  // The command line and the bridge read the token themselves.
  assertEquals((await workspace.run(["start", "--label", "web", "sleep", "1000"])).code, 0);
  const bridge = await workspace.bridge();
  assertStringIncludes((await bridge.call("list")).text, "web");

  // It holds for the data directory: also for the server that takes over, or starts by itself.
  required.kill("SIGKILL");
  await required.end();
  assertEquals((await workspace.run(["list"])).code, 0);
  assertEquals((await workspace.run(["start", "sleep", "1001"])).code, 0);
  await refused();
  const next = workspace.spawn(["serve", "--replace"]);
  await until(async () => (await workspace.server())?.pid === next.pid, { what: "the take-over" });
  await until(() => next.stdout.includes("token"), { what: "what it says first" });
  await refused();

  const lax = workspace.spawn(["serve", "--replace", "--no-require-token"]);
  await until(() => lax.stdout.includes("persistproc serves MCP"), { what: "the next one" });
  assertEquals(await statusOf(workspace, "/mcp", LIST), 200);
  const both = await workspace.run(["serve", "--require-token", "--no-require-token"]);
  assertEquals(both.code, 2);
});

Deno.test("agents are told the token where it is required, and warned what it is", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve(["--require-token"]);
  const token = (await workspace.run(["token"])).stdout.trim();
  const shown = await workspace.run(["agents"]);
  assertStringIncludes(shown.stdout, `Bearer ${token}`);
  assertStringIncludes(shown.stderr, "Never commit");

  const installed = await workspace.run(["agents", "--install", "codex"]);
  assertStringIncludes(installed.stderr, "never commit it");
  const file = join(workspace.environment.HOME ?? "", ".codex/config.toml");
  assertStringIncludes(await Deno.readTextFile(file), `Bearer ${token}`);
  // Again, with the next token in place of the old one.
  const next = (await workspace.run(["token", "--rotate"])).stdout.trim();
  assertEquals((await workspace.run(["agents", "--install", "codex"])).code, 0);
  const text = await Deno.readTextFile(file);
  assert(text.includes(next) && !text.includes(token), text);
  // stdio needs none, and takes it out.
  await workspace.run(["agents", "--install", "codex", "--stdio"]);
  assert(!(await Deno.readTextFile(file)).includes("Bearer"));
});

Deno.test("a stranger on our port learns neither token nor environment, and is named", async () => {
  await using workspace = await Workspace.create();
  const token = (await workspace.run(["token"])).stdout.trim();
  const heard: string[] = [];
  let answer: (nonce: string, proof: string) => unknown = () => ({});
  await using _stranger = Deno.serve(
    { hostname: "127.0.0.1", port: workspace.port, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      heard.push(
        [request.method, request.url, ...[...request.headers].flat(), await request.text()]
          .join("\n"),
      );
      const proof = request.headers.get(PROOF_HEADER) ?? "";
      return Response.json(answer(url.searchParams.get("nonce") ?? "", proof));
    },
  );
  const claim = (proof: unknown) => ({ name: "persistproc", version: VERSION, pid: 1, proof });
  const other = "0".repeat(64);
  const answers: [typeof answer, RegExp][] = [
    [() => ({ hello: "world" }), /held by a program that is not persistproc/],
    [() => claim(undefined), /is not the one of/],
    // What we sent, sent back.
    [(_, proof) => claim(proof), /is not the one of/],
    [(nonce) => claim(nonce), /is not the one of/],
  ];
  const env = { MY_SECRET: "s3cr3t" };
  for (const [each, words] of answers) {
    answer = each;
    for (const args of [["list"], ["start", "true"], ["run", "true"], ["shutdown"]]) {
      const { code, stderr } = await workspace.run(args, { env });
      assertEquals(code, 1, stderr);
      assertMatch(stderr, words);
    }
  }
  const forged = await proveToken(other, "nonce");
  answer = () => claim(forged);
  assertMatch((await workspace.run(["list"], { env })).stderr, /is not the one of/);
  const mcp = await workspace.run(["mcp"], {
    env,
    stdin: `${JSON.stringify({ ...LIST, method: "tools/list", params: {} })}\n`,
  });
  assertStringIncludes(mcp.stdout, "is not the one of");
  assert(heard.length > 15);
  for (const request of heard) {
    assertMatch(request, /^GET\nhttp:\/\/127\.0\.0\.1:\d+\/health\?nonce=[\w-]{36}\n/);
    for (const secret of [token, "s3cr3t", "MY_SECRET"]) assert(!request.includes(secret), request);
  }
  // What it heard proves nothing elsewhere, as the proof is for this port.
  assert(heard[0]?.includes(PROOF_HEADER));
  assert(await proveCaller(token, 1, "n") !== await proveCaller(token, 2, "n"));
});
