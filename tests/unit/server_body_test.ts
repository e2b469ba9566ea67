import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readBody } from "../../lib/server/body.ts";
import { MAX_BODY_BYTES } from "../../lib/protocol/limits.ts";
import { until } from "../support/until.ts";
import { FakeServer } from "./server_fakes.ts";

const limits = { bytes: 100, milliseconds: 10_000 };

function post(body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>): Request {
  return new Request("http://localhost/", { method: "POST", body });
}

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.filter((chunk) => chunk.length > 0));
}

Deno.test("a body is what was sent, however it is cut into chunks", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
  await fc.assert(fc.asyncProperty(chunks, async (sent) => {
    const body = await readBody(post(streamOf(sent)), limits);
    assertEquals(body, new Uint8Array(sent.flatMap((chunk) => [...chunk])));
  }));
});

Deno.test("a body at the limit is read, one byte more is refused and the rest not asked for", async () => {
  const exact = await readBody(post(streamOf([new Uint8Array(60), new Uint8Array(40)])), limits);
  assert(exact instanceof Uint8Array);
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(30)),
    cancel: () => void (cancelled = true),
  });
  const body = await readBody(post(endless), limits);
  assert(!(body instanceof Uint8Array));
  assertEquals(body.status, 413);
  await until(() => cancelled, { what: "the cancellation of the body" });
});

Deno.test("a body that dribbles is cut off", async () => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const dribble = new ReadableStream<Uint8Array>({
    start: (controller) => {
      timer = setInterval(() => controller.enqueue(new Uint8Array(1)), 5);
    },
    cancel: () => clearInterval(timer),
  });
  const body = await readBody(post(dribble), { bytes: 1_000_000, milliseconds: 50 });
  assert(!(body instanceof Uint8Array));
  assertEquals(body.status, 408);
});

Deno.test("a body that breaks off is refused", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("gone")),
  });
  const body = await readBody(post(broken), limits);
  assert(!(body instanceof Uint8Array));
  assertEquals(body.status, 400);
});

Deno.test("over HTTP, a chunked body above the limit gets 413 and the server goes on", async () => {
  await using server = await FakeServer.start();
  const block = new Uint8Array(MAX_BODY_BYTES / 4).fill(0x20);
  for (const path of ["/api/list", "/mcp"]) {
    // The server may close before everything is sent, which the client then reports.
    const status = await server.fetch(path, {
      method: "POST",
      body: streamOf(Array(5).fill(block)),
    })
      .then(async (response) => (await response.body?.cancel(), response.status), () => "cut off");
    assert(status === 413 || status === "cut off", String(status));
  }
  assertEquals(server.context.processes.calls, []);
  const answer = await server.fetch("/health");
  await answer.body?.cancel();
  assertEquals(answer.status, 200);
});

Deno.test("over HTTP, a body that stops coming is answered with 408", async () => {
  await using server = await FakeServer.start({ bodyMilliseconds: 50 });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
    "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
  await connection.write(new TextEncoder().encode(head));
  const answer = new Uint8Array(1024);
  const size = await connection.read(answer) ?? 0;
  assertEquals(new TextDecoder().decode(answer.subarray(0, size)).slice(0, 12), "HTTP/1.1 408");
});
