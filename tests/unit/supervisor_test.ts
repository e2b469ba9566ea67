/** Finding, forgetting and following processes, with real children. */
import { assert, assertEquals } from "@std/assert";
import type { LocatedProcess } from "../../lib/protocol/process.ts";
import { spawnUnderKeeper } from "../../lib/supervisor/keeper.ts";
import { KEPT_RUNS } from "../../lib/protocol/limits.ts";
import { writePrivateFile } from "../../lib/system/files.ts";
import { systemProcessTable } from "../../lib/system/process_table.ts";
import { systemSignals } from "../../lib/system/signals.ts";
import { refused } from "../support/refused.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

Deno.test("F90 ended processes are found by label and command, and by every PID they had", async () => {
  await using bench = await Bench.create();
  const first = await bench.sh("exit 3", { label: "task" });
  await bench.ended(first);
  const second = await bench.sh("exit 3", { label: "task" });
  await bench.ended(second);
  for (
    const target of [{ label: "task" }, { command: ["sh", "-c", "exit 3"] }, {
      pid: second.pid ?? 0,
    }]
  ) {
    assertEquals((await bench.supervisor.runs(target, false)).map(({ run }) => run), [second.run]);
  }
  const [old] = await bench.supervisor.runs({ pid: first.pid ?? 0 }, false);
  assertEquals([old?.run, old?.exit_code], [first.run, 3]);
  const [listed] = await bench.supervisor.list({ pid: first.pid ?? 0 });
  assertEquals(listed?.run, first.run);
  const error = await refused(() => bench.stop({ pid: first.pid ?? 0 }), "not running", "code 3");
  assertEquals(error.code, "not_running");
  await refused(() => bench.stop({ pid: 2 ** 22 + 1 }), "not found");
});

Deno.test("K96 the last ten ended processes are kept, the files of older ones removed", async () => {
  await using bench = await Bench.create();
  const runs: LocatedProcess[] = [];
  const live = await bench.start(["sleep", "1000"]);
  for (let n = 0; n < 13; n++) runs.push(await bench.ended(await bench.sh(`exit ${n}`)));
  const kept = runs.slice(-10).map(({ process }) => process);
  const listed = async () => (await bench.supervisor.list({})).map(({ process }) => process);
  await until(async () => (await listed()).length === 11, { what: "ten ended, one running" });
  assertEquals(await listed(), [live.process, ...kept]);
  const onDisk = () => [...Deno.readDirSync(`${bench.dataDirectory}/processes`)].map((e) => e.name);
  await until(() => onDisk().length === 11, { what: "the removal of the files" });
  assertEquals(onDisk().toSorted(), [live.process, ...kept].toSorted());
  await refused(() => bench.stop({ pid: runs[0]?.pid ?? 0 }), "not found");
});

Deno.test("the last five runs of a process are kept, in memory, in its record and on disk", async () => {
  await using bench = await Bench.create();
  const pids: (number | null)[] = [];
  let process = "";
  for (let n = 0; n < 8; n++) {
    const started = await bench.sh("exit 0");
    process = started.process;
    pids.push(started.pid);
    await bench.ended(started);
  }
  const directory = `${bench.dataDirectory}/processes/${process}`;
  const runsOnDisk = () =>
    [...Deno.readDirSync(directory)].filter((e) => e.isDirectory).map((e) => e.name).toSorted();
  await until(() => runsOnDisk().length === 5, { what: "five runs" });
  assertEquals(runsOnDisk(), ["4", "5", "6", "7", "8"]);
  const recorded = async () =>
    JSON.parse(await Deno.readTextFile(`${directory}/process.json`))
      .runs.map((run: { pid: number }) => run.pid);
  await until(async () => (await recorded()).length === 5, { what: "a record of five runs" });
  assertEquals(await recorded(), pids.slice(-5));
  assertEquals((await bench.supervisor.list({}))[0]?.restarts, 7);
});

Deno.test("old runs make room on a disk that is too full to write down that they are gone", async () => {
  await using bench = await Bench.create({
    write: async (path, text) => {
      if (JSON.parse(text).runs[0].number > 1) throw new Deno.errors.WriteZero("the disk is full");
      await writePrivateFile(path, text);
    },
  });
  const first = await bench.sh("exit 0", { label: "x" });
  await bench.ended(first);
  for (let run = 2; run <= KEPT_RUNS + 1; run++) {
    await bench.ended(await bench.restart({ label: "x" }));
  }
  await until(() => Deno.stat(first.run_directory).then(() => false, () => true), {
    what: "the end of the oldest run's files",
  });
});

Deno.test("files of a run may be read by their owner only", async () => {
  await using bench = await Bench.create();
  const started = await bench.start(["sleep", "1000"]);
  const open: string[] = [];
  const check = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      const path = `${directory}/${name}`;
      if (((Deno.statSync(path).mode ?? 0) & 0o077) !== 0) open.push(path);
      if (isDirectory) check(path);
    }
  };
  check(bench.dataDirectory);
  assertEquals(open, []);
  assertEquals(((await Deno.stat(started.run_directory)).mode ?? 0) & 0o777, 0o700);
});

Deno.test("whoever listens hears each change in order, and of the one process only", async () => {
  await using bench = await Bench.create();
  const all: string[] = [];
  bench.supervisor.subscribe(null, ({ process }) => all.push(`${process.label} ${process.status}`));
  const a = await bench.start(["sleep", "1000"], { label: "a" });
  const one: string[] = [];
  const unsubscribe = bench.supervisor.subscribe(a.process, ({ process, by }) => {
    one.push(`${process.label} ${process.status} by ${by}`);
  });
  await bench.start(["sleep", "1000"], { label: "b" });
  await bench.stop({ label: "a" }, { by: "codex" });
  unsubscribe();
  await bench.stop({ label: "b" });
  const distinct = (lines: string[]) => lines.filter((line, i) => line !== lines[i - 1]);
  assertEquals(distinct(one), ["a stopping by codex", "a exited by codex"]);
  assertEquals(distinct(all), [
    "a running",
    "b running",
    "a stopping",
    "a exited",
    "b stopping",
    "b exited",
  ]);
});

Deno.test("a program whose record cannot be written is not lost", async () => {
  await using bench = await Bench.create({
    spawn: async (plan) => {
      const started = await spawnUnderKeeper(plan);
      // A directory in its place: the next rename fails, as on a full disk.
      const path = `${plan.runDirectory}/../process.json`;
      await Deno.remove(path);
      await Deno.mkdir(`${path}/x`, { recursive: true });
      return started;
    },
  });
  await bench.start(["sleep", "1000"], { label: "x" }).catch(() => {});
  const listed = (await bench.supervisor.list({ running_only: true })).length;
  // Either it runs and is listed, or it was ended: never running and called failed.
  await until(async () => (await bench.running()).length === 2 * listed, {
    what: () => `${listed} listed as running, but not so many run`,
    timeout: 3_000,
  });
});

Deno.test("the end of a program that lost its keeper is noticed where nobody reaps it", async () => {
  let unreaped: number | null = null;
  await using bench = await Bench.create({
    signals: { ...systemSignals, exists: (pid) => pid === unreaped || systemSignals.exists(pid) },
  });
  const started = await bench.start(["sleep", "1000"]);
  const { pid } = started;
  assert(pid !== null);
  unreaped = pid;
  const keeper = (await systemProcessTable().lookup([pid])).get(pid)?.parent;
  assert(keeper !== undefined);
  Deno.kill(keeper, "SIGKILL");
  await until(async () => !await bench.lives(keeper), { what: "the end of the keeper" });
  assertEquals(bench.now(started).status, "running");
  Deno.kill(pid, "SIGKILL");
  assertEquals((await bench.ended(started)).status, "exited");
});

Deno.test("who looks on waits for the PID of what is being started", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using bench = await Bench.create({
    spawn: async (plan) => {
      begun.resolve();
      await go.promise;
      return await spawnUnderKeeper(plan);
    },
  });
  const start = bench.start(["sleep", "1000"], { label: "x" });
  await begun.promise;
  const pids = () => bench.supervisor.locations().map(({ process }) => process.pid);
  assertEquals(pids(), [null]);
  const told = bench.supervisor.spawned(null).then(pids);
  go.resolve();
  assertEquals(await told, [(await start).pid]);
});
