/** How much may be asked for at a time: each ceiling is told in a sentence, and lets go again. */
import { assert, assertEquals } from "@std/assert";
import { Calls } from "../../lib/mcp/calls.ts";
import { MAX_EVENT_STREAMS, MAX_REQUESTS, MAX_WAITS } from "../../lib/protocol/limits.ts";
import { refused } from "../support/refused.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { FakeServer } from "./server_fakes.ts";

Deno.test("one process more than may run is refused, until one has ended", async () => {
  await using bench = await Bench.create({ maxProcesses: 2 });
  const ended = await bench.start(["true"]);
  await bench.ended(ended);
  // At one instant, so that a start that is under way counts, too.
  const commands = ["1001", "1002", "1003"].map((seconds) => ["sleep", seconds]);
  const starts = await Promise.allSettled(commands.map((command) => bench.start(command)));
  assertEquals(starts.map(({ status }) => status).sort(), ["fulfilled", "fulfilled", "rejected"]);
  const [first] = starts.flatMap((start) => start.status === "fulfilled" ? start.value : []);
  assert(first);
  for (
    const start of [() => bench.start(["true", "2"]), () => bench.restart({ label: ended.label })]
  ) {
    const error = await refused(start, "no more than 2");
    assertEquals([error.code, error.hint?.includes("Stop")], ["limit_reached", true]);
  }
  // What runs already takes no more room.
  const running = commands.filter((_, at) => starts[at]?.status === "fulfilled");
  for (const command of running) assert((await bench.start(command)).already_running);
  const { pid } = await bench.restart({ pid: first.pid ?? undefined });
  await bench.stop({ pid: pid ?? undefined });
  await bench.restart({ label: ended.label });
});

Deno.test("a wait too many is refused, and waits that end make room", async () => {
  await using bench = await Bench.create();
  const { run } = await bench.start(["sleep", "1000"]);
  const gone = new AbortController();
  const wait = (seconds: number, signal?: AbortSignal) =>
    bench.supervisor.wait(run, { exit: true, timeout_seconds: seconds }, { from: "now", signal });
  const waits = Array.from({ length: MAX_WAITS }, () => wait(1_000, gone.signal).catch(() => null));
  const error = await refused(() => wait(0.1), `${MAX_WAITS} waits`);
  assertEquals([error.code, error.hint?.includes("Wait again")], ["limit_reached", true]);
  gone.abort();
  await Promise.all(waits);
  const { outcome } = await bench.supervisor.wait(run, { quiet_seconds: 0.01 }, { from: "now" });
  assertEquals(outcome, "quiet");
});

Deno.test("a viewer too many is refused, and one that leaves makes room", async () => {
  await using server = await FakeServer.start();
  const viewers = await Promise.all(
    Array.from({ length: MAX_EVENT_STREAMS }, () => server.fetch("/api/events")),
  );
  assert(viewers.every(({ status }) => status === 200));
  const refusal = await server.fetch("/api/events");
  // One that is let in never ends.
  assertEquals(refusal.status, 429);
  const { error } = await refusal.json();
  assertEquals(error.code, "limit_reached");
  assert(error.message.includes(String(MAX_EVENT_STREAMS)) && error.hint, error.message);
  // Viewers take none of the room of requests.
  const health = await server.fetch("/health");
  assertEquals(health.status, 200);
  await health.body?.cancel();
  await viewers[0]?.body?.cancel();
  await until(() => server.context.events.size < MAX_EVENT_STREAMS, { what: "room" });
  await (await server.fetch("/api/events")).body?.cancel();
  for (const viewer of viewers.slice(1)) await viewer.body?.cancel();
});

Deno.test("a request too many is refused, and those that are answered make room", async () => {
  await using server = await FakeServer.start();
  const { context } = server;
  const held = Promise.withResolvers<void>();
  context.processes.pause = held.promise;
  const body = JSON.stringify({
    request: { action: "stop", pid: 1 },
    caller: { name: "terminal" },
  });
  const ask = () =>
    server.fetch("/api/ctrl", { method: "POST", body, signal: AbortSignal.timeout(60_000) });
  const asked = Array.from({ length: MAX_REQUESTS }, () => ask());
  await until(() => context.requests.underWay === MAX_REQUESTS, { what: "all to be under way" });
  const refusal = await ask();
  const { error } = await refusal.json();
  assertEquals([refusal.status, error.code], [429, "limit_reached"]);
  assert(error.message.includes(String(MAX_REQUESTS)) && error.hint, error.message);
  held.resolve();
  for (const response of await Promise.all(asked)) {
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
  await until(() => context.requests.underWay === 0, { what: "room" });
  assertEquals((await ask().then((response) => response.json())).action, "stop");
});

Deno.test("a client that goes away before its answer gives its place back", async () => {
  await using server = await FakeServer.start();
  const { context } = server;
  const held = Promise.withResolvers<void>();
  context.processes.pause = held.promise;
  const gone = new AbortController();
  const body = JSON.stringify({ request: { action: "stop", pid: 1 }, caller: { name: "x" } });
  const asked = Array.from(
    { length: 20 },
    () => server.fetch("/api/ctrl", { method: "POST", body, signal: gone.signal }).catch(() => {}),
  );
  await until(() => context.requests.underWay === 20, { what: "all to be under way" });
  gone.abort();
  await Promise.all(asked);
  held.resolve();
  await until(() => context.requests.underWay === 0, { what: "room" });
});

Deno.test("a batch of more calls than may be under way gets as many answers as may", async () => {
  const calls = new Calls();
  const held = Promise.withResolvers<void>();
  const underWay = Array.from({ length: MAX_REQUESTS }, () => calls.run(() => held.promise));
  const error = await refused(() => calls.run(() => held.promise), `${MAX_REQUESTS} calls`);
  assertEquals([error.code, error.hint?.includes("Call again")], ["limit_reached", true]);
  held.resolve();
  await Promise.all(underWay);
  await calls.run(() => Promise.resolve());
});
