/** What the command line says on a connection, and to whom. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../lib/cli/client.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { proveToken } from "../../lib/protocol/proof.ts";
import { VERSION } from "../../lib/protocol/version.ts";

const TOKEN = "0123456789abcdef".repeat(4);

/** A server that knows a token, and what it was asked. */
class Asked implements AsyncDisposable {
  readonly requests: { from: number; path: string; text: string }[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(token: string) {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, async (request, { remoteAddr }) => {
      const { pathname, searchParams } = new URL(request.url);
      const headers = JSON.stringify([...request.headers]);
      const text = `${headers}${await request.text()}`;
      this.requests.push({ from: remoteAddr.port, path: pathname, text });
      if (pathname === "/api/events") {
        return new Response('{"process":"1"}\n{"process":"2"}\n{"pro');
      }
      if (pathname !== "/health") return Response.json({ processes: [] });
      return Response.json({ proof: await proveToken(token, searchParams.get("nonce") ?? "") });
    });
  }

  /** As one that was found before. */
  get client(): Client {
    return new Client({ pid: 1, port: this.#server.addr.port, version: VERSION, token: TOKEN });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const caller = { working_directory: "/", environment: { SECRET: "of the environment" } };

Deno.test("the token goes over the connection on which the server has proved itself, and no other", async () => {
  await using server = new Asked(TOKEN);
  const { client, requests } = server;
  await client.list({});
  const events = [];
  for await (const event of client.events(null)) events.push(event);
  // A server that dies may do so within a line.
  assertEquals(events.map(({ process }) => String(process)), ["1", "2"]);
  const paths = ["/health", "/api/list", "/health", "/api/events"];
  assertEquals(requests.map(({ path }) => path), paths);
  const from = requests.map((request) => request.from);
  assertEquals([from[0], from[2]], [from[1], from[3]]);
  assert(from[0] !== from[2]);
});

Deno.test("who got the port of a server that was found is told neither token nor environment", async () => {
  await using stranger = new Asked("another token");
  const { client, requests } = stranger;
  const { signal } = new AbortController();
  for (
    const ask of [
      () => client.list({}),
      () => client.ctrl({ action: "stop" }, { name: "me", ...caller }),
      () => client.mcp({ message: {}, caller }, { headers: {}, signal }),
      () => client.events(null).next(),
    ]
  ) {
    const error = await assertRejects(ask, PersistprocError);
    assertEquals(error.code, "server_unreachable");
  }
  assertEquals(new Set(requests.map(({ path }) => path)), new Set(["/health"]));
  const said = JSON.stringify(requests);
  for (const secret of [TOKEN, "of the environment"]) assert(!said.includes(secret), said);
});
