/** Stopping one process or all, with real children. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { spawnUnderKeeper } from "../../lib/supervisor/keeper.ts";
import { writePrivateFile } from "../../lib/system/files.ts";
import { systemProcessTable } from "../../lib/system/process_table.ts";
import { Bench, readBytes } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

const STUBBORN = "trap '' TERM; echo ready; while :; do sleep 1000; done";

/** What became of two requests, in the order in which they were answered. */
function inOrder(requests: Record<string, Promise<unknown>>): string[] {
  const order: string[] = [];
  for (const [name, request] of Object.entries(requests)) {
    request.then(() => order.push(name), (error) => order.push(`${name} failed: ${error.message}`));
  }
  return order;
}

Deno.test("F87 a stopped process is gone when the answer comes, and the answer says how it ended", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; exec sleep 1000");
  const stopped = await bench.stop({ pid: started.pid ?? 0 }, { by: "codex" });
  assertEquals(await bench.running(), []);
  assertEquals(
    [stopped.status, stopped.signal, stopped.exit_code, stopped.pid, stopped.survivors],
    ["exited", "SIGTERM", null, started.pid, []],
  );
  assertEquals(stopped.reason, "stopped by codex");
  assertEquals([stopped.label, stopped.log_stdout], [started.label, started.log_stdout]);
});

Deno.test("a program that ends itself on SIGTERM is told from one that the signal ended", async () => {
  await using bench = await Bench.create();
  const script = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done";
  const started = await bench.shReady(script);
  const stopped = await bench.stop({ label: started.label });
  assertEquals([stopped.exit_code, stopped.signal], [7, null]);
  assertEquals(await readBytes(stopped.log_stdout), "ready\nbye\n");
});

Deno.test("what a program starts to clean up on SIGTERM is left to do it", async () => {
  await using bench = await Bench.create();
  const cleanup = "echo told; sleep 0.3 && sleep 0.3 && sleep 0.3 && echo cleaned; exit 7";
  const started = await bench.shReady(`trap '${cleanup}' TERM; echo ready; sleep 1000 & wait`);
  const stopped = await bench.stop({ label: started.label });
  assertEquals(await readBytes(stopped.log_stdout), "ready\ntold\ncleaned\n");
  assertEquals([stopped.exit_code, stopped.signal], [7, null]);
});

Deno.test("F85 who ignores SIGTERM is killed after the grace period, and others are served meanwhile", async () => {
  await using bench = await Bench.create();
  const stubborn = await bench.shReady(STUBBORN);
  const stop = bench.stop({ pid: stubborn.pid ?? 0, grace_seconds: 6 });
  const order = inOrder({ stop });
  await until(() => bench.now(stubborn).status === "stopping", { what: "the stop" });
  const other = await bench.start(["sleep", "1000"]);
  order.push("start");
  assertEquals((await bench.supervisor.list({})).map(({ status }) => status), [
    "stopping",
    "running",
  ]);
  order.push("list");
  await bench.restart({ pid: other.pid ?? 0 });
  order.push("restart");
  const { signal, reason, survivors } = await stop;
  assertEquals(order, ["start", "list", "restart", "stop"]);
  assertEquals([signal, survivors], ["SIGKILL", []]);
  assert(
    /^killed by SIGKILL ([6-9]|\d\d)(\.\d)? s after SIGTERM, stopped by terminal$/.test(reason),
    reason,
  );
  assertEquals(await bench.lives(stubborn.pid), false);
});

Deno.test("K84 force kills at once", async () => {
  await using bench = await Bench.create();
  const stubborn = await bench.shReady(STUBBORN);
  const stopped = await bench.stop({ pid: stubborn.pid ?? 0, force: true, grace_seconds: 600 });
  assertEquals([stopped.signal, stopped.reason], ["SIGKILL", "stopped by terminal with SIGKILL"]);
  assertEquals(await bench.running(), []);
});

Deno.test("force hurries a stop that waits, and both get the same answer", async () => {
  await using bench = await Bench.create();
  const stubborn = await bench.shReady(STUBBORN);
  const target = { pid: stubborn.pid ?? 0 };
  const patient = bench.stop({ ...target, grace_seconds: 600 });
  await until(() => bench.now(stubborn).status === "stopping", { what: "the stop" });
  const forced = await bench.stop({ ...target, force: true });
  assertEquals([(await patient).signal, forced.signal], ["SIGKILL", "SIGKILL"]);
});

Deno.test("F86 grandchildren that ignore SIGTERM are gone, too", async () => {
  await using bench = await Bench.create();
  const script = "(trap '' TERM; echo ready; exec sleep 1000) & wait";
  const started = await bench.shReady(script);
  const stopped = await bench.stop({ pid: started.pid ?? 0, grace_seconds: 0.3 });
  assertEquals(stopped.survivors, []);
  assertEquals(await bench.running(), []);
});

Deno.test("two stops at once get one answer", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady(STUBBORN);
  const stop = () => bench.stop({ pid: started.pid ?? 0, grace_seconds: 2 });
  const stops = await Promise.all([stop(), stop(), stop()]);
  assertEquals(stops.map(({ signal }) => signal), ["SIGKILL", "SIGKILL", "SIGKILL"]);
});

Deno.test("an end during a stop is an end, and never an error", async () => {
  await using bench = await Bench.create();
  for (let n = 0; n < 10; n++) {
    const started = await bench.sh("read line; exit 4", { label: `n${n % 3}` });
    using fifo = await Deno.open(`${started.run_directory}/input/stdin`, {
      read: true,
      write: true,
    });
    const write = fifo.write(new TextEncoder().encode("go\n"));
    const stopped = await bench.stop({ pid: started.pid ?? 0 }).catch((error) => error);
    await write;
    if (stopped instanceof PersistprocError) {
      assertEquals(stopped.code, "not_running");
      assertEquals(bench.now(started).exit_code, 4);
    } else {
      assert(stopped.exit_code === 4 || stopped.signal === "SIGTERM", JSON.stringify(stopped));
    }
    assertEquals(bench.now(started).status, "exited");
  }
});

Deno.test("a start during a stop waits for it, and starts anew", async () => {
  await using bench = await Bench.create();
  const script = "trap 'sleep 0.3; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
  const started = await bench.shReady(script);
  const stop = bench.stop({ pid: started.pid ?? 0 });
  await until(() => bench.now(started).status === "stopping", { what: "the stop" });
  const again = await bench.sh(script);
  assertEquals((await stop).exit_code, 0);
  assertEquals(again.already_running, false);
  assertNotEquals(again.pid, started.pid);
  assertEquals(again.process, started.process);
});

Deno.test("what outlived its program can be stopped", async () => {
  await using bench = await Bench.create();
  const started = await bench.sh("sleep 1000 & exit 0");
  await bench.ended(started);
  await until(async () => (await bench.running()).length === 1, { what: "the end of the keeper" });
  const stopped = await bench.stop({ label: started.label });
  assertEquals([stopped.survivors, stopped.exit_code], [[], 0]);
  assertEquals(await bench.running(), []);
});

Deno.test("a stop that the system refuses leaves a process that runs, and can be tried again", async () => {
  const system = systemProcessTable();
  let refuses = false;
  await using bench = await Bench.create({
    table: {
      bootId: () => system.bootId(),
      lookup: (pids) => system.lookup(pids),
      scan: async () => {
        if (refuses) throw new Deno.errors.WouldBlock("no more processes");
        return await system.scan();
      },
    },
  });
  const started = await bench.start(["sleep", "1000"], { label: "x" });
  refuses = true;
  await assertRejects(() => bench.stop({ label: "x" }), Deno.errors.WouldBlock);
  const { status, reason } = bench.now(started);
  assertEquals([status, reason], ["running", "could not be stopped: no more processes"]);
  refuses = false;
  assertEquals((await bench.stop({ label: "x" })).reason, "stopped by terminal");
  assertEquals(await bench.running(), []);
});

Deno.test("a program and its children are stopped where no mark of theirs can be read", async () => {
  const system = systemProcessTable();
  await using bench = await Bench.create({
    table: {
      bootId: () => system.bootId(),
      lookup: (pids) => system.lookup(pids),
      scan: async () => ({ ...await system.scan(), marks: new Map() }),
    },
  });
  await bench.shReady("setsid sleep 1000 & echo ready; wait", { label: "x" });
  assertEquals((await bench.stop({ label: "x" })).status, "exited");
  assertEquals(await bench.running(), []);
});

Deno.test("a stopped (SIGSTOP) process ends on a plain stop", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; exec sleep 1000");
  Deno.kill(started.pid ?? NaN, "SIGSTOP");
  assertEquals((await bench.stop({ pid: started.pid ?? 0 })).signal, "SIGTERM");
});

Deno.test("a shutdown stops everything within one grace period, and nothing starts after it", async () => {
  await using bench = await Bench.create();
  const running = await Promise.all(
    Array.from(
      { length: 5 },
      (_, i) => bench.shReady("echo ready; exec sleep 1000", { label: `n${i}` }),
    ),
  );
  assertEquals(await bench.supervisor.shutdown({ keep: false }), []);
  assertEquals(await bench.running(), []);
  assertEquals(running.map((process) => bench.now(process).status), running.map(() => "exited"));
  await assertRejects(() => bench.start(["sleep", "1000"]), PersistprocError, "shutting down");
});

Deno.test("what was being started when the shutdown came does not outlive it", async () => {
  await using bench = await Bench.create();
  const start = bench.start(["sleep", "1000"]).catch((error) => error);
  await bench.supervisor.shutdown({ keep: false });
  await start;
  assertEquals(await bench.running(), []);
});

Deno.test("what was being restarted when the shutdown came does not outlive it", async () => {
  await using bench = await Bench.create();
  const first = await bench.shReady("echo ready; exec sleep 1000");
  const restart = bench.restart({ label: first.label }).catch((error) => error);
  const begun = () => bench.now(first).status !== "running" || bench.now(first).pid !== first.pid;
  await until(begun, { what: "the restart" });
  await bench.supervisor.shutdown({ keep: false });
  await restart;
  assertEquals(await bench.running(), []);
});

Deno.test("a stop that comes before a program exists ends it all the same", async () => {
  const listed = Promise.withResolvers<void>();
  const room = Promise.withResolvers<void>();
  let slow = false;
  await using bench: Bench = await Bench.create({
    // A slow disk, and a slow system: what does not wait for the program is over first.
    write: async (path, text) => {
      if (slow) {
        listed.resolve();
        await room.promise;
      }
      await writePrivateFile(path, text);
    },
    spawn: async (plan) => {
      // It takes longer than a stop that finds nothing, and begins later.
      if (slow) await bench.stop({ label: "other" });
      return await spawnUnderKeeper(plan);
    },
  });
  await bench.start(["sleep", "1000"], { label: "other" });
  slow = true;
  const start = bench.start(["sleep", "1000"], { label: "x" });
  await listed.promise;
  const stop = bench.stop({ label: "x" });
  room.resolve();
  assertEquals((await stop).status, "exited");
  await start;
  assertEquals(await bench.running(), []);
});

Deno.test("a shutdown waits for a stop that is under way", async () => {
  await using bench = await Bench.create();
  const script = "(trap '' TERM; exec sleep 1000) & echo ready; wait";
  const started = await bench.shReady(script);
  const stop = bench.stop({ pid: started.pid ?? 0, grace_seconds: 1 });
  await until(() => bench.now(started).status !== "running", { what: "the stop" });
  await bench.supervisor.shutdown({ keep: false });
  assertEquals(await bench.running(), []);
  await stop;
});
