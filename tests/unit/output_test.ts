import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { OutputPage } from "../../lib/logs/output.ts";
import { type OutputOptions, readOutput } from "../support/read_output.ts";
import { logPath, timelinePath } from "../../lib/logs/run_files.ts";
import { compareLines, RunLogs } from "../../lib/logs/timed_lines.ts";
import { encodeRecord, RECORD_BYTES } from "../../lib/logs/timeline.ts";

/** What a program wrote: bytes to one stream at a time, or to both where `err` is given. */
interface Write {
  time: number;
  out?: string;
  err?: string;
}

/** Makes the directory of a run as a recorder that saw each write would have left it. */
function makeRun(writes: Write[]): string {
  const directory = Deno.makeTempDirSync();
  let [stdout, stderr] = ["", ""];
  const records = [encodeRecord({ time: 1, stdout: 0, stderr: 0 })];
  for (const { time, out = "", err = "" } of writes) {
    stdout += out;
    stderr += err;
    records.push(encodeRecord({ time, stdout: stdout.length, stderr: stderr.length }));
  }
  Deno.writeTextFileSync(logPath(directory, "stdout"), stdout);
  Deno.writeTextFileSync(logPath(directory, "stderr"), stderr);
  const timeline = new Uint8Array(records.length * RECORD_BYTES);
  records.forEach((record, index) => timeline.set(record, index * RECORD_BYTES));
  Deno.writeFileSync(timelinePath(directory), timeline);
  return directory;
}

function withRuns<T>(runs: Write[][], use: (directories: string[]) => T): T {
  const directories = runs.map(makeRun);
  try {
    return use(directories);
  } finally {
    for (const directory of directories) Deno.removeSync(directory, { recursive: true });
  }
}

const ALL: OutputOptions = { stream: "combined", lines: null, since: null, before: null };

function read(directories: string[], options: Partial<OutputOptions> = {}): OutputPage {
  const sources = directories.map((runDirectory, n) => ({ label: `p${n}`, runDirectory }));
  return readOutput(sources, { ...ALL, ...options });
}

function texts({ lines }: OutputPage): string[] {
  return lines.map(({ bytes }) => new TextDecoder().decode(bytes));
}

Deno.test("the streams come merged by time, stdout first where nobody knows", () => {
  const writes = [
    { time: 10, out: "a\n" },
    { time: 20, err: "b\n" },
    { time: 20, out: "c\n" },
    { time: 30, out: "e\n", err: "f\n" },
  ];
  withRuns([writes], (runs) => {
    assertEquals(texts(read(runs)), ["a", "b", "c", "e", "f"]);
    assertEquals(read(runs).lines.map(({ time }) => time), [10, 20, 20, 30, 30]);
  });
});

Deno.test("lines of several runs come merged by time and say whose they are", () => {
  const runs = [[{ time: 10, out: "a\n" }, { time: 30, out: "c\n" }], [{ time: 20, err: "b\n" }]];
  withRuns(runs, (runs) => {
    const { lines } = read(runs);
    assertEquals(lines.map(({ source, stream }) => `${source.label} ${stream}`), [
      "p0 stdout",
      "p1 stderr",
      "p0 stdout",
    ]);
  });
});

Deno.test("a line belongs to the time of its first byte", () => {
  withRuns(
    [[{ time: 10, out: "Pass" }, { time: 20, err: "x\n" }, { time: 30, out: "word: " }]],
    (runs) => {
      const { lines } = read(runs);
      assertEquals(lines.map(({ time, terminated }) => [time, terminated]), [[10, false], [
        20,
        true,
      ]]);
      assertEquals(texts(read(runs)), ["Password: ", "x"]);
    },
  );
});

Deno.test("K102 since is inclusive, before is exclusive", () => {
  const writes = [10, 20, 30].map((time) => ({ time, out: `${time}\n`, err: `${time}e\n` }));
  withRuns([writes], (runs) => {
    assertEquals(texts(read(runs, { since: 20 })), ["20", "20e", "30", "30e"]);
    assertEquals(texts(read(runs, { before: 20 })), ["10", "10e"]);
    assertEquals(texts(read(runs, { since: 20, before: 30 })), ["20", "20e"]);
    assertEquals(texts(read(runs, { since: 31 })), []);
    assertEquals(texts(read(runs, { before: 10 })), []);
    assertEquals(texts(read(runs, { since: 30, before: 20 })), []);
  });
});

Deno.test("one stream alone is read when one is asked for", () => {
  withRuns([[{ time: 10, out: "a\n" }, { time: 20, err: "bb\n" }]], (runs) => {
    assertEquals(texts(read(runs, { stream: "stdout" })), ["a"]);
    assertEquals(texts(read(runs, { stream: "stderr" })), ["bb"]);
    assertEquals(read(runs, { stream: "stderr" }).bytesTotal, 3);
    assertEquals(read(runs).bytesTotal, 5);
  });
});

Deno.test("the last lines are the last lines, and whether there are more is known", () => {
  const writes = [1, 2, 3].map((n) => ({ time: n * 10, out: `${n}\n` }));
  withRuns([writes], (runs) => {
    const tail = (lines: number) => {
      const page = read(runs, { lines });
      return [texts(page).join(), page.earlier];
    };
    assertEquals([tail(0), tail(2), tail(3), tail(4)], [
      ["", true],
      ["2,3", true],
      ["1,2,3", false],
      ["1,2,3", false],
    ]);
  });
});

Deno.test("a page holds no more bytes than it may, but for its oldest line", () => {
  withRuns([[{ time: 10, out: "0123456789\n".repeat(100) }]], (runs) => {
    const page = read(runs, { maxBytes: 55 });
    assertEquals([page.lines.length, page.earlier], [6, true]);
    assertEquals(read(runs, { maxBytes: null }).lines.length, 100);
  });
});

Deno.test("bytes that are not indexed yet are as new as their log", () => {
  withRuns([[{ time: 10, out: "old\n" }]], ([run = ""]) => {
    Deno.writeTextFileSync(logPath(run, "stdout"), "new\n", { append: true });
    Deno.utimeSync(logPath(run, "stdout"), 5, 5);
    assertEquals(read([run]).lines.map(({ time }) => time), [10, 5000]);
    assertEquals(texts(read([run], { since: 5000 })), ["new"]);
    assertEquals(texts(read([run], { before: 5000 })), ["old"]);
  });
});

Deno.test("a run without logs, without a timeline, without a directory is empty", () => {
  assertEquals(read(["/nonexistent/run"]), {
    lines: [],
    earlier: false,
    bytesTotal: 0,
    missed: 0,
    sources: [{ label: "p0", runDirectory: "/nonexistent/run" }],
  });
});

/** Random writes of lines, pieces of lines and nothing, with times that do not decrease. */
const piece = fc.array(fc.constantFrom("a", "bc", "\n", "d\n"), { maxLength: 4 })
  .map((parts) => parts.join(""));
const writes = fc.array(fc.record({ step: fc.nat(3), out: piece, err: piece }), { maxLength: 40 })
  .map((steps) => {
    let time = 1;
    return steps.map(({ step, out, err }): Write => ({ time: time += step, out, err }));
  });
const bound = fc.option(fc.nat(60), { nil: null });

/** The oracle: every byte of every stream with its write, split, sorted and filtered. */
function naive(runs: Write[][], options: OutputOptions): string[] {
  const lines = runs.flatMap((writes, run) =>
    (["out", "err"] as const).flatMap((key) => {
      const found: { text: string; time: number; run: number; write: number; key: string }[] = [];
      let open = false;
      writes.forEach(({ time, [key]: text = "" }, write) => {
        for (const character of text) {
          if (!open) found.push({ text: "", time, run, write, key });
          open = character !== "\n";
          const last = found.at(-1);
          if (open && last) last.text += character;
        }
      });
      return found;
    })
  );
  // `Array.prototype.sort` is stable: stdout first within a write, then as they were written.
  const kept = lines.sort((a, b) => a.time - b.time || a.run - b.run || a.write - b.write)
    .filter(({ time }) => time >= (options.since ?? 0) && time < (options.before ?? Infinity))
    .map(({ text, run, key }) => `${run} std${key} ${text}`);
  return kept.slice(Math.max(0, kept.length - (options.lines ?? Infinity)));
}

Deno.test("reading equals splitting, sorting and filtering everything", () => {
  fc.assert(
    fc.property(
      fc.array(writes, { maxLength: 3 }),
      fc.record({ lines: bound, since: bound, before: bound }),
      (runs, bounds) => {
        withRuns(runs, (directories) => {
          const page = read(directories, bounds);
          const found = page.lines.map(({ source, stream, bytes }) =>
            `${source.label.slice(1)} ${stream} ${new TextDecoder().decode(bytes)}`
          );
          assertEquals(found, naive(runs, { ...ALL, ...bounds }));
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("reading forwards gives the lines that reading backwards gives", () => {
  fc.assert(
    fc.property(writes, (writes) => {
      withRuns([writes], ([run = ""]) => {
        using logs = RunLogs.open(run);
        for (const stream of ["stdout", "stderr"] as const) {
          const backward = [...logs.backward(stream, { since: null, before: null })].reverse();
          assertEquals([...logs.forward(stream)], backward);
          assertEquals(backward, backward.toSorted(compareLines));
        }
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("a damaged timeline loses no line and invents none", () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(
      fc.record({ time: fc.double(), stdout: fc.double(), stderr: fc.double() }),
    ).map((records) => new Uint8Array(records.flatMap((record) => [...encodeRecord(record)]))),
  );
  fc.assert(
    fc.property(writes, noise, fc.nat(500), (writes, noise, at) => {
      withRuns([writes], ([run = ""]) => {
        const sound = Deno.readFileSync(timelinePath(run));
        const damaged = [...sound.subarray(0, at), ...noise, ...sound.subarray(at + noise.length)];
        Deno.writeFileSync(timelinePath(run), new Uint8Array(damaged));
        const page = read([run]);
        assertEquals(
          texts(page).toSorted(),
          naive([writes], ALL).map((line) => line.slice(9)).sort(),
        );
        for (const { time } of page.lines) new Date(time).toISOString();
      });
    }),
    { numRuns: 300 },
  );
});
