import { assertEquals } from "@std/assert";
import { readOutput } from "../support/read_output.ts";
import { LogRecorder, type LogSizes } from "../../lib/logs/recorder.ts";
import { logPath, timelinePath } from "../../lib/logs/run_files.ts";
import { TimelineReader, type TimelineRecord } from "../../lib/logs/timeline.ts";
import { until } from "../support/until.ts";

function recorderTest(
  name: string,
  test: (run: string, recorder: LogRecorder) => Promise<void> | void,
): void {
  Deno.test(name, async () => {
    const run = Deno.makeTempDirSync();
    const recorder = new LogRecorder();
    try {
      await test(run, recorder);
    } finally {
      recorder.close();
      Deno.removeSync(run, { recursive: true });
    }
  });
}

/** Runs a script whose output goes into the logs as a program's does. */
function write(run: string, script: string): Deno.ChildProcess {
  const [out, err] = [logPath(run, "stdout"), logPath(run, "stderr")];
  return new Deno.Command("sh", { args: ["-c", `exec >>'${out}' 2>>'${err}'\n${script}`] }).spawn();
}

function timelineOf(run: string): TimelineRecord[] {
  using reader = TimelineReader.open(run);
  return Array.from({ length: reader.count }, (_, index) => reader.record(index));
}

function textOf(run: string): string {
  const options = { stream: "combined", lines: null, since: null, before: null } as const;
  return readOutput([{ label: "", runDirectory: run }], options).lines
    .map(({ bytes }) => new TextDecoder().decode(bytes)).join(" ");
}

recorderTest("what a program writes is indexed up to its last byte", async (run, recorder) => {
  let sizes: LogSizes = { stdout: 0, stderr: 0 };
  recorder.add(run, { onGrowth: (now) => sizes = now });
  await write(run, "seq 1 5000; seq 1 300 >&2; printf end").status;
  await until(() => sizes.stdout === 23896, { what: () => JSON.stringify(sizes) });
  const last = recorder.finish(run);
  assertEquals(last, { stdout: 23896, stderr: 1092 });
  const { stdout, stderr } = timelineOf(run).at(-1)!;
  assertEquals({ stdout, stderr }, last);
});

recorderTest(
  "lines come out in the order in which the streams were seen to be written",
  async (run, recorder) => {
    let seen = 0;
    recorder.add(run, { onGrowth: ({ stdout, stderr }) => seen = stdout + stderr });
    for (let n = 1; n <= 9; n++) {
      await write(run, n % 2 ? `echo ${n}` : `echo ${n} >&2`).status;
      await until(() => seen === 2 * n, { what: () => `${seen} bytes of ${2 * n}` });
    }
    assertEquals(textOf(run), "1 2 3 4 5 6 7 8 9");
  },
);

recorderTest("a look notices at once, without waiting for anybody", (run, recorder) => {
  recorder.add(run, {});
  Deno.writeTextFileSync(logPath(run, "stderr"), "now\n");
  assertEquals(recorder.look(run), { stdout: 0, stderr: 4 });
  assertEquals(timelineOf(run).at(-1)?.stderr, 4);
});

recorderTest(
  "growth while nobody recorded is indexed at once, at the times the logs have",
  (run, recorder) => {
    recorder.add(run, {});
    recorder.finish(run);
    const start = timelineOf(run)[0]!.time;
    const [out, err] = [start + 2000, start + 1000];
    for (const [stream, time] of [["stdout", out], ["stderr", err]] as const) {
      Deno.writeTextFileSync(logPath(run, stream), `${stream}\n`);
      Deno.utimeSync(logPath(run, stream), time / 1000, time / 1000);
    }
    const grown: LogSizes[] = [];
    using later = Object.assign(new LogRecorder({ now: () => start + 5000 }), {
      [Symbol.dispose]: () => later.close(),
    });
    later.add(run, { onGrowth: (sizes) => grown.push(sizes) });
    assertEquals(grown, [{ stdout: 7, stderr: 7 }]);
    assertEquals(timelineOf(run).slice(1).map(({ time }) => Math.round(time)), [
      Math.round(err),
      Math.round(out),
    ]);
    assertEquals(textOf(run), "stderr stdout");
  },
);

recorderTest("a flood is indexed whole while it is polled", async (run, recorder) => {
  recorder.add(run, {});
  await write(run, 'i=0; while [ $i -lt 50000 ]; do echo "line $i"; i=$((i+1)); done').status;
  const { stdout } = recorder.finish(run);
  assertEquals(stdout, Deno.statSync(logPath(run, "stdout")).size);
  const records = timelineOf(run);
  assertEquals(records.at(-1)?.stdout, stdout);
  // One for each 50 ms and not for each write.
  assertEquals(records.length < 5_000, true, `${records.length} records`);
});

recorderTest("the end of a program is noticed by its exit file", async (run, recorder) => {
  let exit = "";
  recorder.add(run, { onExitFile: () => exit = Deno.readTextFileSync(`${run}/exit`) });
  await write(run, `echo bye; echo 3 > '${run}/exit'`).status;
  await until(() => exit === "3\n", { what: "the exit file" });
});

recorderTest("several runs are recorded apart", async (run, recorder) => {
  const runs = ["a", "b", "c"].map((name) => `${run}/${name}`);
  for (const directory of runs) {
    Deno.mkdirSync(directory);
    recorder.add(directory, {});
  }
  await Promise.all(runs.map((directory, n) => write(directory, `seq 1 ${n + 1}`).status));
  assertEquals(runs.map((directory) => recorder.finish(directory).stdout), [2, 4, 6]);
  assertEquals(runs.map(textOf), ["1", "1 2", "1 2 3"]);
});

recorderTest(
  "a timeline that can not be written is reported once and hinders nothing",
  async (run) => {
    // It cannot be made there, and so it cannot be written.
    Deno.symlinkSync(`${run}/missing/timeline`, timelinePath(run));
    const reports: string[] = [];
    const recorder = new LogRecorder({ report: (message) => reports.push(message) });
    try {
      recorder.add(run, {});
      for (const text of ["one\n", "two\n"]) {
        Deno.writeTextFileSync(logPath(run, "stdout"), text, { append: true });
        recorder.look(run);
      }
      assertEquals(recorder.look(run).stdout, 8);
      assertEquals(textOf(run), "one two");
      assertEquals(reports.length, 1);
    } finally {
      recorder.close();
    }
    await Promise.resolve();
  },
);

recorderTest("a run that is not recorded has no size, and can be finished", (run, recorder) => {
  assertEquals(recorder.look(run), { stdout: 0, stderr: 0 });
  assertEquals(recorder.finish(run), { stdout: 0, stderr: 0 });
});
