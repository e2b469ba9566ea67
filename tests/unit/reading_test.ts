import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { cleanBlock } from "../../lib/logs/clean_block.ts";
import { cleanLine } from "../../lib/logs/clean.ts";
import { formatCursor, parseCursor, type ReadPosition } from "../../lib/logs/cursor.ts";
import { writeDropped } from "../../lib/logs/dropped.ts";
import { parseExpression } from "../../lib/logs/expression.ts";
import { formatPage } from "../../lib/logs/page.ts";
import { openMatcher } from "../../lib/logs/line_matcher.ts";
import { withContext } from "../../lib/logs/matches.ts";
import type { LogLine } from "../../lib/logs/output.ts";
import { logPath } from "../../lib/logs/run_files.ts";
import { type ReadOptions, type ReadPage, readRuns } from "../../lib/logs/reading.ts";
import { RunLogs } from "../../lib/logs/timed_lines.ts";
import { RunDirectory, withDirectory } from "../support/run_directory.ts";

/** Long after everything that was written: all of it has rested. */
const RESTED = 8e15;

const ALL: ReadOptions = {
  stream: "combined",
  lines: null,
  since: null,
  before: null,
  from: null,
  keep: "next",
  now: RESTED,
};

function read(runs: RunDirectory[], options: Partial<ReadOptions> = {}): Promise<ReadPage> {
  return readRuns(runs.map(({ source }) => source), { ...ALL, ...options });
}

/** One character a byte. */
const textOf = ({ bytes }: LogLine) => String.fromCharCode(...bytes);
const texts = ({ lines }: ReadPage) => lines.map(textOf);

/** 20,000 lines of 14 bytes. */
const MANY = Array.from({ length: 20_000 }, (_, n) => `line ${String(n).padStart(8, "0")}`);

/** As an agent hands them back. */
const throughText = (positions: ReadPosition[]) =>
  parseCursor(formatCursor({ all: false, positions })).positions;

Deno.test("a cursor yields what came since, and then nothing", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: "one\n", err: "two\n" });
    const first = await read([run]);
    assertEquals(texts(first), ["one", "two"]);
    run.write(20, { out: "three\n" });
    const second = await read([run], { from: first.positionsAfter(2) });
    assertEquals(texts(second), ["three"]);
    const third = await read([run], { from: second.positionsAfter(1) });
    assertEquals([texts(third), third.bytesAfter(0)], [[], 0]);
  });
});

Deno.test("whoever asks for a great many lines lets others have their turn meanwhile", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: "line\n".repeat(100_000) });
    for (const keep of ["next", "newest"] as const) {
      let turns = 0;
      const timer = setInterval(() => turns++, 0);
      const { lines } = await read([run], { keep });
      clearInterval(timer);
      assertEquals(lines.length, 100_000);
      assert(turns > 0, `${keep}: nobody had a turn`);
    }
  });
});

Deno.test("what is around a great many matches is looked for while others have their turn", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: MANY.join("\n") + "\n" });
    using logs = RunLogs.open(run.source.runDirectory);
    const found = [...logs.backward("stdout", ALL)].filter((_, n) => n % 10 === 0);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const around = await withContext(found, 1);
    clearInterval(timer);
    assertEquals(around.length, found.length * 3 - 1);
    assert(turns > 0, "nobody had a turn");
  });
});

Deno.test("a cursor goes on over a restart, which is said once", async () => {
  await withDirectory(async (root) => {
    const first = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    first.write(10, { out: "one\n" });
    const page = await read([first]);
    first.write(20, { out: "last\n" });
    const second = new RunDirectory(root, { process: "aaaaaaaa", run: 2, startedAt: 30 });
    const silent = await read([first, second], { from: page.positionsAfter(1) });
    assertEquals(texts(silent), ["last", "\xe2\x80\x94 restarted (run 2, PID 102) \xe2\x80\x94"]);
    second.write(40, { err: "new\n" });
    const next = await read([first, second], { from: silent.positionsAfter(2) });
    assertEquals(texts(next), ["new"]);
    const both = await read([first, second], { from: page.positionsAfter(1), lines: 1 });
    assertEquals(texts(both), ["last"]);
    const rest = await read([first, second], { from: both.positionsAfter(1) });
    assertEquals(texts(rest).map((text) => text.replaceAll(/\W+/g, " ")), [
      " restarted run 2 PID 102 ",
      "new",
    ]);
  });
});

Deno.test("a line that is being written comes when it is whole, a prompt when it has rested", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: "one\nPass" });
    const early = await read([run], { now: 0 });
    assertEquals(texts(early), ["one"]);
    const rested = await read([run], { from: early.positionsAfter(1) });
    assertEquals(texts(rested), ["Pass"]);
    run.write(20, { out: "word: \xe2\x82" });
    const more = await read([run], { from: rested.positionsAfter(1) });
    assertEquals(texts(more), ["word: "]);
    assertEquals(formatPage(more, { maxCharacters: null }).body, "…word: ");
    run.write(30, { out: "\xac\n" });
    const end = await read([run], { from: more.positionsAfter(1) });
    assertEquals(formatPage(end, { maxCharacters: null }).body, "…€");
  });
});

Deno.test("bytes that are no longer kept are counted", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: "one\n" });
    const { positionsAfter } = await read([run]);
    run.write(20, { out: "two\nthree\n" });
    writeDropped(run.source.runDirectory, { stdout: 8, stderr: 0, freezing: null });
    const page = await read([run], { from: positionsAfter(1) });
    assertEquals([texts(page), page.missed], [["three"], 4]);
    assertMatch(formatPage(page, { maxCharacters: null }).body, /4 bytes .*\nthree$/);
  });
});

/** Drops what a run has written to stdout before `offset`; it then reads as NULs. */
function drop({ source: { runDirectory } }: RunDirectory, offset: number): void {
  writeDropped(runDirectory, { stdout: offset, stderr: 0, freezing: null });
  using file = Deno.openSync(logPath(runDirectory, "stdout"), { write: true });
  file.writeSync(new Uint8Array(offset));
}

Deno.test("lines that are dropped while they are read are counted, and none comes as NULs", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const from = (await read([run])).positionsAfter(0);
    run.write(10, { out: MANY.join("\n") + "\n" });
    // It has opened the log and seen its first lines when it first lets others have a turn.
    const reading = read([run], { from });
    drop(run, 14 * 15_000);
    const page = await reading;
    const shown = texts(page);
    assertEquals(shown.slice(-5_000), MANY.slice(15_000));
    assertEquals(shown.slice(0, -5_000), MANY.slice(0, shown.length - 5_000));
    assertEquals(page.missed, 14 * (MANY.length - shown.length));
    // What is not shown is told with the next page.
    assertEquals(page.missedAfter(shown.length - 5_000), 0);
  });
});

Deno.test("a search shows nothing of what is dropped meanwhile, and no line in its place", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: MANY.join("\n") + "\n" });
    using matcher = openMatcher(parseExpression("00$", "grep"));
    const matching = (from: number) => MANY.slice(from).filter((line) => line.endsWith("00"));
    for (const kept of [5_000, 18_050]) {
      const searching = read([run], { grep: { matcher, contextLines: 0 } });
      drop(run, 14 * kept);
      const { lines, matches } = await searching;
      assertEquals(lines.map(textOf), matching(kept));
      assertEquals(matches, lines.length);
    }
  });
});

Deno.test("a time bounds what comes next, from where it was read to", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const from = (await read([run])).positionsAfter(0);
    run.write(10, { out: "one\ntwo\nthr", err: "a\n" });
    run.write(20, { out: "ee\nfour\n", err: "b\n" });
    run.write(30, { out: "five\n" });
    const page = await read([run], { from, since: 20, lines: 2 });
    assertEquals([texts(page), page.missed], [["four", "b"], 0]);
    const next = await read([run], { from: page.positionsAfter(2), since: 20 });
    assertEquals(texts(next), ["five"]);
    // The end of a line that was a prompt when its beginning came.
    const rest = [{ process: "aaaaaaaa", run: 1, stdout: 11, stderr: 2 }];
    for (const keep of ["next", "newest"] as const) {
      const page = await read([run], { from: rest, since: 20, keep });
      assertEquals(
        texts(page),
        keep === "next" ? ["ee", "four", "b", "five"] : ["four", "b", "five"],
      );
    }
  });
});

Deno.test("what is missed of a run is told once, with what follows it", async () => {
  await withDirectory(async (root) => {
    const first = new RunDirectory(root, { process: "aaaaaaaa", run: 1, ended: true });
    const { positionsAfter } = await read([first]);
    first.write(10, { out: "one\n" });
    const second = new RunDirectory(root, { process: "aaaaaaaa", run: 2, startedAt: 20 });
    second.write(30, { out: "two\nthree\n" });
    writeDropped(second.source.runDirectory, { stdout: 4, stderr: 0, freezing: null });
    const page = await read([first, second], { from: positionsAfter(0), lines: 1 });
    assertEquals([texts(page), page.missed], [["one"], 0]);
    const next = await read([first, second], { from: page.positionsAfter(1) });
    assertEquals([texts(next).at(-1), next.missed], ["three", 4]);
  });
});

Deno.test("who reads one stream loses nothing of the other", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const start = (await read([run])).positionsAfter(0);
    run.write(10, { out: "one\n", err: "two\n" });
    const page = await read([run], { from: start, stream: "stdout" });
    assertEquals(texts(page), ["one"]);
    assertEquals(texts(await read([run], { from: page.positionsAfter(1) })), ["two"]);
  });
});

/** What can happen between two looks of a reader. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      process: fc.nat(1),
      out: fc.stringMatching(/^[ab\n]{0,6}$/),
      err: fc.stringMatching(/^[ab\n]{0,6}$/),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("restart" as const), process: fc.nat(1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      lines: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
      characters: fc.integer({ min: 1, max: 40 }),
      rested: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), process: fc.nat(1) }) },
);

Deno.test("whatever is written, restarted, dropped and read in between, nothing is lost and nothing comes twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await withDirectory(async (root) => {
        let clock = 10;
        const names = ["aaaaaaaa", "bbbbbbbb"];
        const runs = names.map((process) => [new RunDirectory(root, { process, run: 1 })]);
        const seen = new Map<string, string>();
        const dropped = new Map<string, number>();
        let missed = 0;
        let from: ReadPosition[] = names.map((process) => ({
          process,
          run: 1,
          stdout: 0,
          stderr: 0,
        }));
        const look = async (options: Partial<ReadOptions>, characters: number | null) => {
          const page = await read(runs.flat(), { ...options, from });
          const shown =
            formatPage(page, { maxCharacters: characters, leaveOut: "last", fold: false })
              .shown;
          for (const line of page.lines.slice(0, shown)) {
            if (line.mark) continue;
            const key = `${line.source.runDirectory} ${line.stream}`;
            const text = textOf(line) + (line.terminated ? "\n" : "");
            seen.set(key, (seen.get(key) ?? "") + text);
          }
          from = throughText(page.positionsAfter(shown));
          missed += page.missedAfter(shown);
          return shown;
        };
        for (const step of steps) {
          clock += 10;
          if (step.kind === "read") {
            await look({ lines: step.lines, now: step.rested ? RESTED : 0 }, step.characters);
            continue;
          }
          const own = runs[step.process]!;
          const current = own.at(-1)!;
          if (step.kind === "write") current.write(clock, step);
          else if (step.kind === "restart") {
            current.source.ended = true;
            const { process, run } = current.source;
            own.push(new RunDirectory(root, { process, run: run + 1, startedAt: clock }));
          } else {
            const stdout = current.written.stdout.lastIndexOf("\n") + 1;
            dropped.set(`${current.source.runDirectory} stdout`, stdout);
            writeDropped(current.source.runDirectory, { stdout, stderr: 0, freezing: null });
          }
        }
        while (await look({}, null) > 0);
        let lost = 0;
        for (const { source, written } of runs.flat()) {
          for (const stream of ["stdout", "stderr"] as const) {
            const key = `${source.runDirectory} ${stream}`;
            const text = seen.get(key) ?? "";
            if (!dropped.has(key)) {
              assertEquals(text, written[stream]);
              continue;
            }
            // What is left of it is a beginning, holes that were counted, and an end.
            lost += written[stream].length - text.length;
            const rest = written[stream].slice(dropped.get(key));
            assert(text.endsWith(rest));
          }
        }
        assertEquals(missed, lost);
      });
    }),
    { numRuns: 150 },
  );
});

Deno.test("many lines at once are cleaned as each by itself is", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\b",
    "\x1b[31m",
    "\x1b[0m",
    "\x1b[2K",
    "\x1b]0;t\x07",
    "\x1b[",
    "\x00",
    "\x7f",
    "é",
    "\x85",
    "\u2028",
    "\x1b[1;3",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(4), (pieces, skip) => {
      // Not aligned to the words that are looked at.
      const bytes = new TextEncoder().encode("x".repeat(skip) + pieces.join("")).subarray(skip);
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      const lines = text.replace(/\n$/, "").split("\n").map(cleanLine);
      assertEquals(cleanBlock(bytes).split("\n"), lines);
    }),
    { numRuns: 2_000 },
  );
});

const EXPRESSIONS = ["b", "^a", "a$", "ab|ba", "^$", "\\ba", "[^a]", "(?<!b)a", "a\\s*b", "(?i)A"];

Deno.test("a search finds what looking at every line finds, newest first up to the limit", async () => {
  const writes = fc.array(
    fc.record({
      out: fc.stringMatching(/^[ab \n]{0,9}$/),
      err: fc.stringMatching(/^[ab \n]{0,9}$/),
    }),
    { maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(writes, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(...EXPRESSIONS),
      fc.nat(2),
      fc.option(fc.nat(5), { nil: null }),
      async (runs, expression, contextLines, lines) => {
        await withDirectory(async (root) => {
          const directories = runs.map((writes, n) => {
            const run = new RunDirectory(root, { process: "aaaaaaa" + n, run: 1 });
            writes.forEach((write, at) => run.write(10 * at + 10 + n, write));
            return run;
          });
          const parsed = parseExpression(expression, "grep");
          // The worker has a test of its own.
          using matcher = openMatcher({ ...parsed, linear: true });
          const found = await read(directories, { lines, grep: { matcher, contextLines } });
          const everything = (await read(directories, { keep: "newest" })).lines;
          const { source, flags } = parsed;
          const matching = everything.filter((line) => new RegExp(source, flags).test(textOf(line)))
            .slice(-(lines ?? Infinity) || Infinity);
          const wanted = lines === 0 ? [] : matching;
          assertEquals(found.matches, wanted.length);
          const keyOf = (line: LogLine) => `${line.source.label} ${line.stream} ${line.end}`;
          if (contextLines === 0) {
            assertEquals(found.lines.map(keyOf), wanted.map(keyOf));
            return;
          }
          for (const { source: { runDirectory } } of directories) {
            const own = ({ source }: LogLine) => source.runDirectory === runDirectory;
            const all = everything.filter(own);
            const around = new Set(
              wanted.filter(own).flatMap((match) => {
                const at = all.indexOf(match);
                return all.slice(Math.max(0, at - contextLines), at + contextLines + 1);
              }),
            );
            assertEquals(
              found.lines.filter(own).map(keyOf),
              all.filter((line) => around.has(line)).map(keyOf),
            );
          }
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a search sees lines as they are shown, over blocks and long lines", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const filler = "x".repeat(99) + "\n";
    run.write(10, { out: "\x1b[31mnee\x1b[0mdle 1\n" + filler.repeat(6_000) });
    run.write(20, {
      out: "needle 2\r\n" + "y".repeat(300_000) + "\nneedle 3 " + "z".repeat(90_000),
    });
    run.write(30, { out: "\n" + filler.repeat(3_000) + "nope\rneedle 4" });
    using matcher = openMatcher(parseExpression("^needle \\d", "grep"));
    const { lines } = await read([run], { grep: { matcher, contextLines: 0 } });
    assertEquals(lines.map(({ bytes }) => cleanLine(bytes).slice(0, 8)), [
      "needle 1",
      "needle 2",
      "needle 3",
      "needle 4",
    ]);
  });
});
