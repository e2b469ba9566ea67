/** The logs of runs stay within their limits, and everybody who reads them is told so. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readDropped } from "../../lib/logs/dropped.ts";
import { outputOf } from "../support/output_of.ts";
import { readOutput } from "../support/read_output.ts";
import { formatFooter, formatPage } from "../../lib/logs/page.ts";
import type { LocatedProcess } from "../../lib/protocol/process.ts";
import { isGroupStopped } from "../../lib/supervisor/freeze.ts";
import { systemProcessTable } from "../../lib/system/process_table.ts";
import { type PunchHole, punchHole } from "../../lib/system/punch_hole.ts";
import { type Signals, systemSignals } from "../../lib/system/signals.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

const KIB = 1024;
const LIMITS = { stream: 256 * KIB, total: 64 * 1024 * KIB };
const ALL = { stream: "combined", lines: null, since: null, before: null, maxBytes: null } as const;

/** A file system that knows no holes. */
const noHoles: PunchHole = () => Promise.resolve("unsupported");

/** Numbered lines of 16 bytes, so many at once, to both streams; then waits for a line. */
const FLOOD = `flood() { awk -v from=$1 -v to=$2 'BEGIN { for (i = from; i < to; i++)
  printf "line %010d\\n", i }'; }`;

function numbersOf(run: LocatedProcess, stream: "stdout" | "stderr"): number[] {
  const source = { label: run.label, runDirectory: run.run_directory };
  return readOutput([source], { ...ALL, stream }).lines.map(({ bytes }) =>
    Number(/^line (\d{10})$/.exec(new TextDecoder().decode(bytes))?.[1] ?? NaN)
  );
}

/** Every number from the first to the last, none missing and none twice. */
function assertUnbroken(numbers: number[], last: number): void {
  const first = numbers[0] ?? NaN;
  assertEquals(numbers.at(-1), last);
  assertEquals(numbers.length, last - first + 1);
  assert(numbers.every((number, at) => number === first + at));
}

function diskBytes(path: string): number {
  return (Deno.statSync(path).blocks ?? 0) * 512;
}

async function cutTo(run: LocatedProcess, most: number): Promise<void> {
  await until(() => {
    const dropped = readDropped(run.run_directory);
    return Deno.statSync(run.log_stdout).size - dropped.stdout <= most && dropped.freezing === null;
  }, { what: () => JSON.stringify(readDropped(run.run_directory)) });
}

for (const [how, punch] of [["punched", punchHole], ["rewritten", noHoles]] as const) {
  Deno.test(`a log above its limit loses its oldest lines and no other byte (${how})`, async () => {
    await using bench = await Bench.create({ limits: LIMITS, patience: 20, punch });
    const started = await bench.sh(
      `${FLOOD}; for i in 0 1 2 3 4 5 6 7; do flood $((i*20000)) $(((i+1)*20000)); done
       flood 0 100 >&2; echo ready >&2; read line; flood 160000 160010; exec sleep 1000`,
    );
    await bench.printed(started, "ready", "stderr");
    const run = bench.now(started);
    await cutTo(run, LIMITS.stream * 1.25);
    assertEquals(Deno.statSync(run.log_stdout).size, 160_000 * 16, "offsets stay true");
    const dropped = readDropped(run.run_directory);
    assert(dropped.stdout >= 160_000 * 16 - LIMITS.stream * 1.25, JSON.stringify(dropped));
    await until(() => diskBytes(run.log_stdout) <= LIMITS.stream * 1.25 + 16 * KIB, {
      what: () => `${diskBytes(run.log_stdout)} bytes on disk`,
    });
    assertUnbroken(numbersOf(run, "stdout"), 159_999);
    assertEquals(numbersOf(run, "stderr").slice(0, 100), Array.from({ length: 100 }, (_, n) => n));

    // The writer goes on where it was.
    using fifo = await Deno.open(`${run.run_directory}/input/stdin`, { read: true, write: true });
    await fifo.write(new TextEncoder().encode("\n"));
    await until(() => numbersOf(run, "stdout").at(-1) === 160_009, { what: "the last line" });
    assertUnbroken(numbersOf(run, "stdout"), 160_009);

    const page = readOutput([{ label: "", runDirectory: run.run_directory }], ALL);
    const gone = readDropped(run.run_directory).stdout;
    assertEquals(page.missed, gone);
    const shown = formatPage(page, { maxCharacters: 2_000_000 });
    assertStringIncludes(shown.body.split("\n", 1)[0] ?? "", `${gone} bytes before this`);
    assertStringIncludes(formatFooter(page, shown), `missed_bytes ${gone}`);
  });
}

Deno.test("readers are told what is gone only where they asked for it", async () => {
  await using bench = await Bench.create({ limits: LIMITS, patience: 0 });
  const started = await bench.sh(`${FLOOD}; flood 0 60000; exec sleep 1000`);
  const run = bench.now(started);
  await until(() => readDropped(run.run_directory).stdout > 0, { what: "a cut" });
  const source = [{ label: "", runDirectory: run.run_directory }];
  assertEquals(readOutput(source, { ...ALL, lines: 10 }).missed, 0);
  assertEquals(readOutput(source, { ...ALL, since: Date.now() + 1 }).missed, 0);
  assertEquals(readOutput(source, { ...ALL, stream: "stderr" }).missed, 0);
  assert(readOutput(source, { ...ALL, since: 0 }).missed > 0);
  assert(readOutput(source, { ...ALL, lines: 10_000_000 }).missed > 0);
});

Deno.test("F115 logs that grew too large while no server lived are cut by the next one", async () => {
  await using bench = await Bench.create({ limits: LIMITS, patience: 0 });
  const started = await bench.shReady(
    `${FLOOD}; echo ready; read line; flood 0 60000; echo done >&2; exec sleep 1000`,
  );
  await bench.reopen(async () => {
    using fifo = await Deno.open(`${started.run_directory}/input/stdin`, {
      read: true,
      write: true,
    });
    await fifo.write(new TextEncoder().encode("\n"));
    await until(() => Deno.readTextFileSync(started.log_stderr) !== "", { what: "the flood" });
  });
  await cutTo(bench.now(started), LIMITS.stream * 1.25);
});

Deno.test("a log that somebody empties is kept from its new beginning", async () => {
  await using bench = await Bench.create({ limits: LIMITS, patience: 0 });
  const started = await bench.sh(
    `${FLOOD}; flood 0 60000; read line; flood 7 9; exec sleep 1000`,
  );
  const run = bench.now(started);
  await until(() => Deno.statSync(run.log_stdout).size === 960_000, { what: "the flood" });
  await cutTo(run, LIMITS.stream * 1.25);
  Deno.truncateSync(run.log_stdout);
  using fifo = await Deno.open(`${run.run_directory}/input/stdin`, { read: true, write: true });
  await until(() => readDropped(run.run_directory).stdout === 0, { what: "a new beginning" });
  await fifo.write(new TextEncoder().encode("\n"));
  await until(() => Deno.statSync(run.log_stdout).size === 32, { what: "two lines" });
  assertEquals(numbersOf(run, "stdout"), [7, 8]);
});

Deno.test("F115 the total limit empties the oldest ended runs first, and never one that runs", async () => {
  const limits = { stream: 1024 * KIB, total: 700 * KIB };
  await using bench = await Bench.create({ limits, patience: 0 });
  const flood = `${FLOOD}; flood 0 16384`; // 256 KiB
  const running = await bench.sh(`${flood}; echo ready >&2; exec sleep 1000`, { label: "running" });
  await bench.printed(running, "ready", "stderr");
  const ended: LocatedProcess[] = [];
  for (const label of ["first", "second", "third"]) {
    // The next server counts what is there already.
    if (label === "third") await bench.reopen();
    ended.push(await bench.ended(await bench.sh(flood, { label })));
  }
  const held = (run: LocatedProcess) => numbersOf(run, "stdout").length;
  await until(() => ended.map(held).join() === "0,0,16384", { what: () => ended.map(held).join() });
  assertEquals(held(bench.now(running)), 16384);
  for (const run of ended.slice(0, 2)) {
    const page = readOutput([{ label: "", runDirectory: run.run_directory }], ALL);
    assertEquals([page.lines.length, page.missed], [0, 16384 * 16]);
    assert(diskBytes(run.log_stdout) < 16 * KIB);
  }
  assertEquals(bench.reports.length, 2, bench.reports.join("\n"));
  assertStringIncludes(bench.reports[0] ?? "", "of an ended run of first were dropped, 256 KiB");
  // What it was is still known.
  assertEquals((await bench.ended(await bench.restart({ label: "first" }))).exit_code, 0);
});

Deno.test("a group that a dead server left stopped goes on, and loses nothing", async () => {
  await using bench = await Bench.create({ limits: LIMITS });
  const started = await bench.shReady(
    `${FLOOD}; flood 0 1000; echo ready; read line; flood 1000 1010; exec sleep 1000`,
  );
  const run = bench.now(started);
  const group = Number(await outputOf("ps", "-o", "pgid=", "-p", `${started.pid}`));
  await bench.reopen(() => {
    // As it is between the emptying of the log and the writing back.
    Deno.kill(-group, "SIGSTOP");
    const text = Deno.readTextFileSync(run.log_stdout);
    const note = { stdout: 8000, stderr: 0, freezing: "stdout" };
    Deno.writeTextFileSync(`${run.run_directory}/dropped`, JSON.stringify(note));
    Deno.writeTextFileSync(`${run.log_stdout}.tail`, text.slice(8000));
    Deno.truncateSync(run.log_stdout);
  });
  assertEquals(await isGroupStopped(group, systemProcessTable()), false);
  assertEquals(Deno.statSync(run.log_stdout).size, 1000 * 16 + "ready\n".length);
  using fifo = await Deno.open(`${run.run_directory}/input/stdin`, { read: true, write: true });
  await fifo.write(new TextEncoder().encode("\n"));
  await until(() => numbersOf(run, "stdout").at(-1) === 1009, { what: "the last line" });
  assertEquals(numbersOf(run, "stdout")[0], 500);
  assertEquals(readDropped(run.run_directory).freezing, null);
});

Deno.test("a stop during a rewriting of its log waits for it, and nobody stays stopped", async () => {
  const sent: string[] = [];
  // The group takes a while to stop, and the stop of the process is asked for meanwhile.
  const signals: Signals = {
    ...systemSignals,
    group(group, signal) {
      sent.push(signal);
      if (signal !== "SIGSTOP") return systemSignals.group(group, signal);
      setTimeout(() => systemSignals.group(group, signal), 300);
      return true;
    },
  };
  await using bench = await Bench.create({ limits: LIMITS, patience: 0, punch: noHoles, signals });
  const started = await bench.sh(`${FLOOD}; while :; do flood 0 20000; done`);
  await until(() => readDropped(started.run_directory).freezing !== null, { what: "a freeze" });
  const stopped = await bench.stop({ pid: started.pid ?? 0 });
  assertEquals([stopped.status, stopped.survivors], ["exited", []]);
  assertEquals(await bench.running(), []);
  // Whoever was stopped for the rewriting was let go on before anything else reached it.
  const first = sent.indexOf("SIGTERM");
  assertEquals(sent.slice(first - 2, first + 1), ["SIGSTOP", "SIGCONT", "SIGTERM"]);
});

for (const [name, note] of [["half-written", '{"stdout":12'], ["lost", null]] as const) {
  Deno.test(`a note of what was dropped that is ${name} is found again in the log`, async () => {
    await using bench = await Bench.create({ limits: LIMITS, patience: 0 });
    const started = await bench.sh(`${FLOOD}; flood 0 60000; exec sleep 1000`);
    const run = bench.now(started);
    await until(() => Deno.statSync(run.log_stdout).size === 960_000, { what: "the flood" });
    await cutTo(run, LIMITS.stream * 1.25);
    let before = 0;
    await bench.reopen(() => {
      before = readDropped(run.run_directory).stdout;
      if (note === null) Deno.removeSync(`${run.run_directory}/dropped`);
      else Deno.writeTextFileSync(`${run.run_directory}/dropped`, note);
    });
    assertEquals(readDropped(run.run_directory).stdout, before);
    assertUnbroken(numbersOf(run, "stdout"), 59_999);
  });
}
