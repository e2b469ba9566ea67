import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cleanLine } from "../../lib/logs/clean.ts";
import { parseExpression } from "../../lib/logs/expression.ts";
import { openMatcher } from "../../lib/logs/line_matcher.ts";
import { withContext } from "../../lib/logs/matches.ts";
import type { LogLine } from "../../lib/logs/output.ts";
import { RunLogs } from "../../lib/logs/timed_lines.ts";
import { ALL, MANY, read, textOf } from "../support/read_runs.ts";
import { RunDirectory, withDirectory } from "../support/run_directory.ts";

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

Deno.test("a search shows nothing of what is dropped meanwhile, and no line in its place", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    run.write(10, { out: MANY.join("\n") + "\n" });
    using matcher = openMatcher(parseExpression("00$", "grep"));
    const matching = (from: number) => MANY.slice(from).filter((line) => line.endsWith("00"));
    for (const kept of [5_000, 18_050]) {
      const searching = read([run], { grep: { matcher, contextLines: 0 } });
      run.drop(14 * kept);
      const { lines, matches } = await searching;
      assertEquals(lines.map(textOf), matching(kept));
      assertEquals(matches, lines.length);
    }
  });
});
