import { assertEquals, assertRejects } from "@std/assert";
import { requestLoopback } from "../../lib/system/loopback_request.ts";

/** A server that answers each request, or what has come of it, with these bytes, and hangs up. */
class RawServer {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly port = this.#listener.addr.port;
  /** What came with the last request. */
  asked = "";
  readonly #accepted: Promise<void>;

  constructor(answer: string | null) {
    this.#accepted = this.#accept(answer);
  }

  async #accept(answer: string | null): Promise<void> {
    for await (const connection of this.#listener) {
      const block = new Uint8Array(64 * 1024);
      const count = await connection.read(block);
      this.asked = new TextDecoder().decode(block.subarray(0, count ?? 0));
      if (answer === null) {
        // Nothing is said until the other side gives up.
        await connection.read(block);
      } else {
        await connection.write(new TextEncoder().encode(answer));
      }
      connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepted.catch(() => {});
  }
}

Deno.test("an answer of any size comes whole, and the request as it was meant", async () => {
  const text = "é".repeat(3_000_000);
  let asked = "";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { method, url } = request;
      asked = `${method} ${url} ${request.headers.get("x-mark")} ${(await request.text()).length}`;
      return new Response(text, { status: 404 });
    },
  );
  const { port } = server.addr;
  const json = "x".repeat(2_000_000);
  const headers = { "x-mark": "1" };
  assertEquals(await requestLoopback(port, { path: "/a?b", json, headers }), { status: 404, text });
  assertEquals(asked, `POST http://127.0.0.1:${port}/a?b 1 2000002`);
});

Deno.test("a streamed answer comes whole", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(ReadableStream.from(["one ", "two"]).pipeThrough(new TextEncoderStream())),
  );
  const answer = await requestLoopback(server.addr.port, { path: "/" });
  assertEquals(answer, { status: 200, text: "one two" });
});

Deno.test("an answer counts even if the request was not read to its end", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("no", { status: 413 }),
  );
  const request = { path: "/", json: "x".repeat(8_000_000) };
  assertEquals(await requestLoopback(server.addr.port, request), { status: 413, text: "no" });
});

for (
  const { what, answer, failure } of [
    { what: "no HTTP", answer: "SSH-2.0-OpenSSH_9.2\r\n", failure: Deno.errors.InvalidData },
    {
      what: "too long",
      answer: "HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(2000),
      failure: Deno.errors.InvalidData,
    },
    { what: "nothing", answer: "", failure: Deno.errors.UnexpectedEof },
    {
      what: "half a head",
      answer: "HTTP/1.1 200 OK\r\nContent-",
      failure: Deno.errors.UnexpectedEof,
    },
    {
      what: "half a body",
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf",
      failure: Deno.errors.UnexpectedEof,
    },
    { what: "silence", answer: null, failure: Deno.errors.TimedOut },
  ]
) {
  Deno.test(`an answer that is ${what} is told from others`, async () => {
    await using server = new RawServer(answer);
    const request = { path: "/", timeout: answer === null ? 2_000 : 30_000, maxBytes: 1000 };
    await assertRejects(() => requestLoopback(server.port, request), failure);
    assertEquals(server.asked, `GET / HTTP/1.0\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`);
  });
}

Deno.test("a port on which nothing listens refuses", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(() => requestLoopback(port, { path: "/" }), Deno.errors.ConnectionRefused);
});

Deno.test("a listener that takes no more connections is given up in time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  // More than it has room for: the last ones get no answer at all.
  const giveUp = new AbortController();
  const waiting = Array.from({ length: 10 }, () => {
    return Deno.connect({ hostname: "127.0.0.1", port, signal: giveUp.signal }).catch(() => null);
  });
  await assertRejects(
    () => requestLoopback(port, { path: "/", timeout: 300 }),
    Deno.errors.TimedOut,
  );
  giveUp.abort();
  for (const connection of await Promise.all(waiting)) connection?.close();
});
