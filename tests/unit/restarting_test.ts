/** Restarting, with real children. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { refused } from "../support/refused.ts";
import { Bench, readBytes } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

Deno.test("K78 F89 a restart keeps command, directory, environment, stdin and label", async () => {
  await using bench = await Bench.create();
  await Deno.mkdir(bench.path("a"));
  await bench.write("input", "from a file\n");
  const script = 'echo "$X|$(pwd)|$(cat)"; echo ready; exec sleep 1000';
  const first = await bench.shReady(script, {
    working_directory: bench.path("a"),
    environment: { X: "1\n2" },
    label: "api",
    stdin: { kind: "file", path: bench.path("input") },
  });
  const second = await bench.restart({ label: "api" }, { by: "codex" });
  await bench.printed(second, "ready");
  assertEquals([second.previous_pid, second.label, second.status], [first.pid, "api", "running"]);
  assertEquals([second.signal, second.exit_code], ["SIGTERM", null]);
  assertNotEquals(second.pid, first.pid);
  assertEquals(await readBytes(second.log_stdout), await readBytes(first.log_stdout));
  assertEquals(await readBytes(second.log_stdout), `1\n2|${bench.path("a")}|from a file\nready\n`);
  const [listed, ...others] = await bench.supervisor.list({});
  assertEquals(others, []);
  assertEquals([listed?.pid, listed?.restarts, listed?.started_by], [second.pid, 1, "codex"]);
});

Deno.test("F89 an ended process can be restarted", async () => {
  await using bench = await Bench.create();
  const first = await bench.sh("exit 3");
  await bench.ended(first);
  const second = await bench.restart({ pid: first.pid ?? 0 });
  assertEquals([second.previous_pid, second.exit_code], [first.pid, 3]);
  assertEquals((await bench.ended(second)).exit_code, 3);
});

Deno.test("two restarts at once are one, with one answer", async () => {
  await using bench = await Bench.create();
  const first = await bench.shReady("trap '' TERM; echo ready; exec sleep 1000");
  const restart = () => bench.restart({ label: first.label, grace_seconds: 2 });
  const [a, b] = await Promise.all([restart(), restart()]);
  assertEquals([a?.pid, a?.previous_pid], [b?.pid, b?.previous_pid]);
  assertEquals(a?.previous_pid, first.pid);
  assertEquals((await bench.supervisor.list({}))[0]?.restarts, 1);
  assertEquals((await bench.running()).length, 2);
});

Deno.test("F97 a restart that cannot work leaves the old run running", async () => {
  await using bench = await Bench.create();
  const path = await bench.write("tool", "#!/bin/sh\necho ready\nexec sleep 1000\n");
  const first = await bench.start([path]);
  await bench.printed(first, "ready");
  await Deno.remove(path);
  await refused(() => bench.restart({ pid: first.pid ?? 0 }), "Command not found");
  assertEquals([bench.now(first).pid, bench.now(first).status], [first.pid, "running"]);
});

Deno.test("a restart whose file for stdin is gone says so, by name", async () => {
  await using bench = await Bench.create();
  const path = await bench.write("input", "");
  const first = await bench.start(["sleep", "1000"], { stdin: { kind: "file", path } });
  await Deno.remove(path);
  await refused(() => bench.restart({ pid: first.pid ?? 0 }), path);
});

Deno.test("an old PID can not restart or stop the run that came after it", async () => {
  await using bench = await Bench.create();
  const first = await bench.start(["sleep", "1000"]);
  const second = await bench.restart({ pid: first.pid ?? 0 });
  for (
    const act of [
      () => bench.stop({ pid: first.pid ?? 0 }),
      () => bench.restart({ pid: first.pid ?? 0 }),
    ]
  ) {
    const error = await refused(act, "not running");
    assert(error.hint?.includes(`${second.pid}`), error.hint);
  }
  assertEquals(bench.now(first).pid, second.pid);
});

for (const moment of ["stopping", "exited"] as const) {
  Deno.test(`a stop during a restart wins, also while the old run is ${moment}`, async () => {
    await using bench = await Bench.create();
    const script = "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    const first = await bench.shReady(script, { label: "api" });
    const { promise: stopped, resolve } = Promise.withResolvers<unknown>();
    const unsubscribe = bench.supervisor.subscribe(first.process, ({ process }) => {
      if (process.status !== moment) return;
      unsubscribe();
      resolve(bench.stop({ label: "api" }).catch((error) => error));
    });
    const restart = bench.restart({ label: "api" }).catch((error) => error);
    const answer = await stopped;
    await restart;
    const running = await bench.supervisor.list({ running_only: true });
    assertEquals(running.map(({ reason }) => reason), [], `stop answered ${Deno.inspect(answer)}`);
  });
}

Deno.test("a restart during a stop starts anew only when all of the old run is gone", async () => {
  await using bench = await Bench.create();
  // Its program ends at once, and leaves one that has to be killed.
  const script = "(trap '' TERM; exec sleep 1000) & echo ready; wait";
  const first = await bench.shReady(script);
  const stop = bench.stop({ pid: first.pid ?? 0, grace_seconds: 1 });
  await until(() => bench.now(first).status !== "running", { what: "the stop" });
  const order: string[] = [];
  const restart = bench.restart({ label: first.label }).then((result) => {
    order.push("restart");
    return result;
  });
  stop.then(() => order.push("stop"));
  const [stopped, second] = await Promise.all([stop, restart]);
  assertEquals(order, ["stop", "restart"]);
  assertEquals(stopped.survivors, []);
  assertNotEquals(second.pid, first.pid);
});
