import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { describeEnd, Ending } from "../../lib/server/ending.ts";
import { refuseStarts } from "../../lib/server/refuse_starts.ts";
import { runServer, type ServerOptions } from "../../lib/server/serve.ts";
import { requestLoopback } from "../../lib/system/loopback_request.ts";
import { until } from "../support/until.ts";
import { FakeProcesses } from "./server_fakes.ts";

/** A supervisor whose shutdown ends when it is told to. */
class FakeSupervisor extends FakeProcesses {
  readonly shutdowns: { keep: boolean; by?: string }[] = [];
  readonly ended = Promise.withResolvers<void>();
  async shutdown(options: { keep: boolean; by?: string }) {
    this.shutdowns.push(options);
    await this.ended.promise;
    return [];
  }

  hurryShutdown(): void {
    this.ended.resolve();
  }
}

async function inDirectory(test: (options: ServerOptions) => Promise<void>): Promise<void> {
  const dataDirectory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  try {
    await test({ port: 0, dataDirectory, keepOnSignal: false, onListening() {}, log() {} });
  } finally {
    await Deno.remove(dataDirectory, { recursive: true });
  }
}

async function portOf({ dataDirectory }: ServerOptions): Promise<number> {
  const path = join(dataDirectory, "server.json");
  const text = await until(() => Deno.readTextFile(path).catch(() => null), { what: path });
  return JSON.parse(text).port;
}

Deno.test("a request that comes before the processes are known waits for them", () =>
  inDirectory(async (options) => {
    const supervisor = new FakeSupervisor();
    supervisor.ended.resolve();
    const opened = Promise.withResolvers<FakeSupervisor>();
    const exit = runServer(options, () => opened.promise);
    const health = fetch(`http://127.0.0.1:${await portOf(options)}/health`);
    opened.resolve(supervisor);
    assertEquals((await (await health).json()).name, "persistproc");
    Deno.kill(Deno.pid, "SIGTERM");
    assertEquals(await exit, { by: "SIGTERM", kept: false, survivors: [] });
  }));

Deno.test("a server that cannot open its processes leaves port, lock and directory free", () =>
  inDirectory(async (options) => {
    for (let i = 0; i < 2; i++) {
      const tried = Promise.withResolvers<void>();
      const exit = runServer(options, async () => {
        await tried.promise;
        throw new PersistprocError("storage", "No disk.");
      });
      const port = await portOf(options);
      // Neither answered as by a stranger nor left waiting.
      const early = assertRejects(() => requestLoopback(port, { path: "/health" }));
      tried.resolve();
      await assertRejects(() => exit, PersistprocError, "No disk.");
      await early;
    }
    const left = await Array.fromAsync(Deno.readDir(options.dataDirectory), ({ name }) => name);
    assertEquals(left.sort(), ["lock", "token"]);
  }));

Deno.test("a signal can leave the processes running", () =>
  inDirectory(async (options) => {
    const supervisor = new FakeSupervisor();
    supervisor.ended.resolve();
    const onListening = () => Deno.kill(Deno.pid, "SIGHUP");
    const exit = await runServer(
      { ...options, keepOnSignal: true, onListening },
      () => Promise.resolve(supervisor),
    );
    assertEquals(exit, { by: "SIGHUP", kept: true, survivors: [] });
    assertEquals(supervisor.shutdowns, [{ keep: true, by: "SIGHUP to the server" }]);
  }));

/** Signals that only the test sends. */
class FakeSignals {
  readonly listeners = new Map<Deno.Signal, () => void>();
  addSignalListener(signal: Deno.Signal, listener: () => void): void {
    this.listeners.set(signal, listener);
  }
  removeSignalListener(signal: Deno.Signal, listener: () => void): void {
    if (this.listeners.get(signal) === listener) this.listeners.delete(signal);
  }
  send(signal: Deno.Signal): void {
    this.listeners.get(signal)?.();
  }
}

Deno.test("Ctrl+C ends, once more hurries, and once more does not wait at all", async () => {
  const signals = new FakeSignals();
  let hurries = 0;
  let abandoned = false;
  {
    using ending = new Ending(false, signals);
    ending.abandoned.then(() => abandoned = true);
    signals.send("SIGINT");
    assertEquals(await ending.begun, { by: "SIGINT", keep: false });
    ending.onImpatience(() => hurries++);
    signals.send("SIGTERM");
    signals.send("SIGHUP");
    assertEquals(hurries, 0);
    signals.send("SIGINT");
    await Promise.resolve();
    assertEquals([hurries, abandoned], [1, false]);
    signals.send("SIGINT");
    await ending.abandoned;
    assertEquals(hurries, 1);
    assertEquals((await ending.begun).by, "SIGINT");
  }
  assertEquals(signals.listeners.size, 0);
});

Deno.test("who ends a server is told what it waits for, and what would be faster", () => {
  assertEquals(
    describeEnd({ by: "SIGINT", keep: false }, ["web", "api"]),
    "ending: SIGINT, waiting up to 8 s for web, api; Ctrl+C again kills what is left",
  );
  assertEquals(
    describeEnd({ by: "SIGTERM", keep: false }, [..."abcdefg"]),
    "ending: SIGTERM, waiting up to 8 s for a, b, c, d, e and 2 more",
  );
  assertEquals(describeEnd({ by: "SIGINT", keep: false }, []), "ending: SIGINT");
  const kept = describeEnd({ by: "SIGHUP", keep: true }, ["web"]);
  assertEquals(kept, "ending: SIGHUP, processes keep running");
});

Deno.test("a second Ctrl+C that comes before there is anything to hurry is not lost", () => {
  const signals = new FakeSignals();
  using ending = new Ending(false, signals);
  signals.send("SIGINT");
  signals.send("SIGINT");
  let hurries = 0;
  ending.onImpatience(() => hurries++);
  assertEquals(hurries, 1);
});

Deno.test("a server that is ending stops and shows processes, and starts none", async () => {
  const processes = new FakeProcesses();
  let ending = false;
  const guarded = refuseStarts(processes, () => ending);
  await guarded.ctrl({ action: "start" }, { name: "a" });
  ending = true;
  for (const action of ["start", "restart"] as const) {
    await assertRejects(() => guarded.ctrl({ action }, { name: "a" }), PersistprocError, "ending");
  }
  await guarded.ctrl({ action: "stop", pid: 1 }, { name: "a" });
  assert((await guarded.list({})).length > 0 && (await guarded.runs({}, true)).length > 0);
  assertEquals(
    processes.calls.filter(({ method }) => method === "ctrl").map(({ args }) => args[0]),
    [{ action: "start" }, { action: "stop", pid: 1 }],
  );
});
