import { assert, assertEquals, assertRejects } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import fc from "fast-check";
import type { ProcessEvent } from "../../lib/protocol/requests.ts";
import { EventQueue } from "../../lib/server/event_queue.ts";
import { EventStreams } from "../../lib/server/event_streams.ts";
import { until } from "../support/until.ts";
import { FakeServer, processEvent } from "./server_fakes.ts";

const event = (process: string, run: number, reason = "") =>
  processEvent({ process, run: `${process}-${run}`, reason });

Deno.test("a slow reader is told the last state of every run, in order", () => {
  const changes = fc.array(
    fc.record({ process: fc.constantFrom("a", "b"), run: fc.integer({ min: 1, max: 8 }) }),
    { maxLength: 60 },
  );
  fc.assert(fc.property(changes, (drawn) => {
    const queue = new EventQueue();
    const events = drawn.map(({ process, run }, i) => event(process, run, String(i)));
    for (const each of events) queue.push(each);
    const last = new Map(events.map((each) => [each.process.run, each]));
    const expected = [...last.values()].sort((a, b) =>
      Number(a.process.reason) - Number(b.process.reason)
    );
    assertEquals(queue.take(), expected);
    assert(queue.empty);
  }));
});

Deno.test("a reader that never reads costs a bounded number of events, the newest of each process", () => {
  const queue = new EventQueue();
  for (let run = 1; run <= 10_000; run++) queue.push(event("a", run));
  queue.push(event("b", 1));
  const left = queue.take().map(({ process }) => process.run);
  assert(left.length < 100, String(left.length));
  assertEquals([left.at(-2), left.at(-1)], ["a-10000", "b-1"]);
});

/** A source of events that knows its listeners. */
function source() {
  const listeners = new Set<(event: ProcessEvent) => void>();
  return {
    listeners,
    subscribe: (listener: (event: ProcessEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event: ProcessEvent) => listeners.forEach((listener) => listener(event)),
  };
}

function linesOf(body: ReadableStream<Uint8Array>): AsyncIterator<ProcessEvent> {
  const parse = new TransformStream<string, ProcessEvent>({
    transform: (line, controller) => controller.enqueue(JSON.parse(line)),
  });
  return body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new TextLineStream()).pipeThrough(parse)[Symbol.asyncIterator]();
}

Deno.test("a stream begins with the state and misses no change that follows the subscription", async () => {
  const { subscribe, tell } = source();
  const streams = new EventStreams();
  const body = await streams.open(subscribe, async () => {
    tell(event("a", 1, "meanwhile"));
    await Promise.resolve();
    return [event("a", 1, "now")];
  });
  const lines = linesOf(body);
  assertEquals((await lines.next()).value.process.reason, "now");
  tell(event("a", 1, "ended"));
  assertEquals((await lines.next()).value.process.reason, "ended");
  streams.endAll();
  assertEquals((await lines.next()).done, true);
});

Deno.test("the end of the server is told after the last states", async () => {
  const { subscribe, tell, listeners } = source();
  const streams = new EventStreams();
  const lines = linesOf(await streams.open(subscribe, () => []));
  tell(event("a", 1, "stopped"));
  streams.endAll();
  assertEquals((await lines.next()).value.process.reason, "stopped");
  assertEquals((await lines.next()).done, true);
  assertEquals([listeners.size, streams.size], [0, 0]);
});

Deno.test("a stream that is given up, or cannot begin, leaves nothing behind", async () => {
  const { subscribe, tell, listeners } = source();
  const streams = new EventStreams();
  const body = await streams.open(subscribe, () => []);
  const reading = body.getReader();
  const waiting = reading.read();
  await reading.cancel();
  await waiting;
  tell(event("a", 1));
  await assertRejects(() =>
    streams.open(subscribe, () => {
      throw new Error("no such process");
    })
  );
  assertEquals([listeners.size, streams.size], [0, 0]);
});

Deno.test("over HTTP, a client that vanishes leaves nothing behind", async () => {
  await using server = await FakeServer.start();
  const { processes, events } = server.context;
  const abort = new AbortController();
  const response = await server.fetch("/api/events?process=a1", { signal: abort.signal });
  assertEquals(response.status, 200);
  assertEquals([processes.listeners.size, events.size], [1, 1]);
  abort.abort();
  await response.body?.cancel().catch(() => {});
  await until(() => processes.listeners.size === 0 && events.size === 0, {
    what: () => `${processes.listeners.size} listeners, ${events.size} streams left`,
  });
});

Deno.test("over HTTP, an unknown process is an error and no stream", async () => {
  await using server = await FakeServer.start();
  const response = await server.fetch("/api/events?process=zz");
  assertEquals(response.status, 404);
  assertEquals((await response.json()).error.code, "not_found");
  assertEquals(server.context.processes.listeners.size, 0);
});

Deno.test("over HTTP, without a process all of them are told", async () => {
  await using server = await FakeServer.start();
  const response = await server.fetch("/api/events");
  assert(response.body);
  const lines = linesOf(response.body);
  assertEquals((await lines.next()).value.process.process, "a1");
  server.context.processes.tell(event("b", 1));
  assertEquals((await lines.next()).value.process.process, "b");
  await lines.return?.();
});
