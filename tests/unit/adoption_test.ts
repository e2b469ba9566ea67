/** What the next server finds: runs that go on, and runs that ended while none lived. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { readProgramEnd } from "../../lib/supervisor/keeper_files.ts";
import { Bench, readBytes } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

// deno-lint-ignore no-explicit-any -- a record as a test damages it
type AnyRecord = any;

/** Changes the record of a process that nobody supervises. */
async function edit(
  bench: Bench,
  { process }: { process: string },
  change: (record: AnyRecord) => void,
): Promise<void> {
  const path = `${bench.dataDirectory}/processes/${process}/process.json`;
  const record = JSON.parse(await Deno.readTextFile(path));
  change(record);
  await Deno.writeTextFile(path, JSON.stringify(record));
}

/** Waits until the keeper of a run has written how it ended. */
async function keeperWrote({ run_directory }: { run_directory: string }): Promise<void> {
  await until(() => readProgramEnd(run_directory), { what: "the exit file" });
}

Deno.test("what runs is taken over with its PID, and is logged, stopped and restarted as before", async () => {
  await using bench = await Bench.create();
  const script = "echo ready; read line; echo got $line; exec sleep 1000";
  const first = await bench.shReady(script, { label: "api", environment: { X: "1" } });
  await bench.reopen();
  const [adopted, ...others] = await bench.supervisor.list({});
  assertEquals(others, []);
  assertEquals(
    [adopted?.pid, adopted?.status, adopted?.label, adopted?.run, adopted?.start_time],
    [first.pid, "running", "api", first.run, bench.now(first).start_time],
  );
  assertEquals((await bench.sh(script)).already_running, true);
  using fifo = await Deno.open(`${first.run_directory}/input/stdin`, { read: true, write: true });
  await fifo.write(new TextEncoder().encode("more\n"));
  await bench.printed(first, "got more");
  const second = await bench.restart({ label: "api" });
  assertEquals([second.previous_pid, second.signal], [first.pid, "SIGTERM"]);
  await bench.reopen();
  const stopped = await bench.stop({ pid: second.pid ?? 0 });
  assertEquals([stopped.signal, stopped.survivors], ["SIGTERM", []]);
  assertEquals(await bench.running(), []);
});

Deno.test("the end of a run that was taken over is noticed", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; read line; exit 6");
  await bench.reopen();
  using fifo = await Deno.open(`${started.run_directory}/input/stdin`, { read: true, write: true });
  await fifo.write(new TextEncoder().encode("\n"));
  assertEquals((await bench.ended(started)).exit_code, 6);
});

Deno.test("how a run ended while no server lived is known, and what it wrote is there", async () => {
  for (
    const [script, code, signal] of [
      ["echo ready; read line; echo last; exit 3", 3, null],
      ["echo ready; read line; echo last; kill -SEGV $$", null, "SIGSEGV"],
    ] as const
  ) {
    await using bench = await Bench.create();
    const started = await bench.shReady(script);
    await bench.reopen(async () => {
      using fifo = await Deno.open(`${started.run_directory}/input/stdin`, {
        read: true,
        write: true,
      });
      await fifo.write(new TextEncoder().encode("\n"));
      await keeperWrote(started);
    });
    const now = bench.now(started);
    assertEquals([now.status, now.exit_code, now.signal], ["exited", code, signal]);
    assert(now.reason.startsWith("ended while no server was running"), now.reason);
    assert(now.reason.includes(signal ?? `${code}`), now.reason);
    assertEquals(await readBytes(now.log_stdout), "ready\nlast\n");
    assertNotEquals(now.end_time, null);
    assertEquals((await bench.restart({ pid: started.pid ?? 0 })).status, "running");
  }
});

Deno.test("ended processes are remembered, and can be started again", async () => {
  await using bench = await Bench.create();
  const started = await bench.sh("exit 3", { label: "task" });
  const before = await bench.ended(started);
  await bench.reopen();
  const { uptime_seconds: _, ...facts } = before;
  const { uptime_seconds: __, ...now } = bench.now(started);
  assertEquals(now, facts);
  const again = await bench.sh("exit 3", { label: "task" });
  assertEquals([again.process, again.label], [started.process, "task"]);
  await bench.ended(again);
});

Deno.test("a PID that now names another process is never signalled, and the run is told to be over", async () => {
  const wrong: ((run: AnyRecord, other: number) => void)[] = [
    (run) => run.kernel_started = "1",
    (run) => run.boot = "another boot of this machine",
    (run, other) => [run.pid, run.group] = [other, other],
  ];
  for (const change of wrong) {
    await using bench = await Bench.create();
    const started = await bench.start(["sleep", "1000"], { label: "x" });
    const other = new Deno.Command("sleep", {
      args: ["1000"],
      env: { HOME: bench.path() },
      stdin: "null",
      detached: true,
    }).spawn();
    try {
      const reopened = Date.now();
      await bench.reopen(() => edit(bench, started, ({ runs }) => change(runs[0], other.pid)));
      const [now] = await bench.supervisor.list({});
      assertEquals([now?.status, now?.exit_code, now?.signal], ["exited", null, null]);
      // Nobody knows when: by now, not at its start.
      assert(Date.parse(now?.end_time ?? "") >= reopened);
      await bench.stop({ label: "x" }).catch(() => {});
      assertEquals(await bench.lives(other.pid), true);
    } finally {
      other.kill("SIGKILL");
      await other.status;
      // What really ran is nobody's now, where its PID was forged.
      for (const pid of await bench.running()) Deno.kill(pid, "SIGKILL");
      await until(async () => (await bench.running()).length === 0, { what: "the end of all" });
    }
  }
});

Deno.test("a crash between the start of a program and writing its PID down loses nothing", async () => {
  await using bench = await Bench.create();
  const started = await bench.start(["sleep", "1000"]);
  await bench.reopen(() =>
    edit(bench, started, ({ runs }) => {
      Object.assign(runs[0], { pid: null, group: null, kernel_started: "" });
    })
  );
  const [now] = await bench.supervisor.list({});
  assertEquals([now?.pid, now?.status], [started.pid, "running"]);
  assertEquals((await bench.stop({ pid: started.pid ?? 0 })).survivors, []);
  assertEquals(await bench.running(), []);
});

Deno.test("a crash before the program was started leaves a process that can be started", async () => {
  await using bench = await Bench.create();
  const started = await bench.start(["sleep", "1000"], { label: "x" });
  await bench.stop({ label: "x" });
  await bench.reopen(async () => {
    await edit(bench, started, ({ runs: [run] }) => {
      Object.assign(run, { pid: null, group: null, kernel_started: "", stop: null });
      Object.assign(run, { status: "running", ended_at: null, signal: null });
    });
    for (const name of ["pid", "exit"]) {
      await Deno.writeTextFile(`${started.run_directory}/${name}`, "");
    }
  });
  const [now] = await bench.supervisor.list({});
  assertEquals([now?.status, now?.pid], ["exited", null]);
  assertEquals((await bench.restart({ label: "x" })).status, "running");
});

Deno.test("a stop that a crash cut short is taken over as running", async () => {
  await using bench = await Bench.create();
  const started = await bench.start(["sleep", "1000"]);
  await bench.reopen(() =>
    edit(bench, started, ({ runs }) => {
      const stop = { by: "x", at: 1, killed_at: null, restarting: false };
      Object.assign(runs[0], { status: "stopping", reason: "being stopped by x", stop });
    })
  );
  const now = bench.now(started);
  assertEquals([now.status, now.reason], ["running", "started by terminal"]);
});

Deno.test("what outlived its program while no server lived can be stopped", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("sleep 1000 & echo ready; read line; exit 0");
  await bench.reopen(async () => {
    using fifo = await Deno.open(`${started.run_directory}/input/stdin`, {
      read: true,
      write: true,
    });
    await fifo.write(new TextEncoder().encode("\n"));
    await keeperWrote(started);
  });
  assertEquals(bench.now(started).status, "exited");
  await until(async () => (await bench.running()).length === 1, { what: "the end of the keeper" });
  await bench.stop({ label: started.label });
  assertEquals(await bench.running(), []);
});

Deno.test("a damaged record does not keep the others from being taken over", async () => {
  await using bench = await Bench.create();
  const sound = await bench.start(["sleep", "1000"], { label: "sound" });
  const damaged = await bench.sh("exit 0", { label: "damaged" });
  await bench.ended(damaged);
  await bench.reopen(() =>
    edit(bench, damaged, (record) => {
      record.runs = [{ number: 1, status: "running" }];
    })
  );
  assertEquals((await bench.supervisor.list({})).map(({ pid }) => pid), [sound.pid]);
  assertEquals(bench.reports.length, 1);
});

Deno.test("many running processes are taken over together", async () => {
  await using bench = await Bench.create();
  const started = await Promise.all(
    Array.from({ length: 10 }, (_, i) => bench.start(["sleep", "1000"], { label: `n${i}` })),
  );
  await bench.reopen();
  const listed = await bench.supervisor.list({ running_only: true });
  assertEquals(
    listed.map(({ pid }) => pid).toSorted(),
    started.map(({ pid }) => pid).toSorted(),
  );
});
