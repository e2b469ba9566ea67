import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { formatCursor, parseCursor, type ReadPosition } from "../../lib/logs/cursor.ts";
import { writeDropped } from "../../lib/logs/dropped.ts";
import { formatPage } from "../../lib/logs/page.ts";
import type { ReadOptions } from "../../lib/logs/reading.ts";
import { MANY, read, RESTED, textOf, texts } from "../support/read_runs.ts";
import { RunDirectory, withDirectory } from "../support/run_directory.ts";

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

Deno.test("lines that are dropped while they are read are counted, and none comes as NULs", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const from = (await read([run])).positionsAfter(0);
    run.write(10, { out: MANY.join("\n") + "\n" });
    // It has opened the log and seen its first lines when it first lets others have a turn.
    const reading = read([run], { from });
    run.drop(14 * 15_000);
    const page = await reading;
    const shown = texts(page);
    assertEquals(shown.slice(-5_000), MANY.slice(15_000));
    assertEquals(shown.slice(0, -5_000), MANY.slice(0, shown.length - 5_000));
    assertEquals(page.missed, 14 * (MANY.length - shown.length));
    // What is not shown is told with the next page.
    assertEquals(page.missedAfter(shown.length - 5_000), 0);
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
