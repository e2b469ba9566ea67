/** Reading logs and timelines whose beginnings are gone. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readDropped, writeDropped } from "../../lib/logs/dropped.ts";
import { followRun } from "../../lib/logs/follow.ts";
import { finishRewriting, holeEnd, rewriteFrom } from "../../lib/logs/holes.ts";
import { linesBackward, linesForward } from "../../lib/logs/lines.ts";
import { LogFile } from "../../lib/logs/log_file.ts";
import { cutOffset, runsToEmpty, urgencyOf } from "../../lib/logs/retention.ts";
import { logPath, timelinePath } from "../../lib/logs/run_files.ts";
import { RECORD_BYTES, TimelineReader } from "../../lib/logs/timeline.ts";
import { TimelineWriter } from "../../lib/logs/timeline_writer.ts";
import { parseByteSize } from "../../lib/protocol/byte_size.ts";

function withRun<T>(use: (run: string) => T): T {
  const run = Deno.makeTempDirSync();
  const remove = () => Deno.removeSync(run, { recursive: true });
  const result = use(run);
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}

/** Makes the bytes before `from` read as NULs, as a hole does. */
function punch(run: string, from: number): void {
  writeDropped(run, { stdout: from, stderr: 0, freezing: null });
  using file = Deno.openSync(logPath(run, "stdout"), { write: true });
  file.writeSync(new Uint8Array(from));
}

const openLog = (run: string) =>
  LogFile.open(logPath(run, "stdout"), () => readDropped(run).stdout);

const text = fc.array(fc.constantFrom("a", "bc\n", "\n", "x".repeat(70_000), "\0", "é"), {
  maxLength: 12,
}).map((parts) => parts.join(""));

Deno.test("lines behind a hole are what they would be in a file of their own", () => {
  fc.assert(
    fc.property(text, fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
      withRun((run) => {
        const bytes = new TextEncoder().encode(text);
        const from = Math.floor(part * bytes.length);
        Deno.writeFileSync(logPath(run, "stdout"), bytes);
        punch(run, from);
        using log = openLog(run);
        Deno.writeFileSync(`${run}/own`, bytes.subarray(from));
        using own = LogFile.open(`${run}/own`);
        const moved = [...linesForward(own)].map((line) => ({
          ...line,
          start: line.start + from,
          end: line.end + from,
        }));
        assertEquals([...linesForward(log)], moved);
        assertEquals([...linesBackward(log)].reverse(), moved);
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("lines that are dropped while they are read are never shown as NULs", () => {
  withRun((run) => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${String(n).padStart(8, "0")}\n`);
    for (const read of [linesBackward, linesForward]) {
      Deno.writeTextFileSync(logPath(run, "stdout"), lines.join(""));
      punch(run, 14 * 100);
      using log = openLog(run);
      let shown = 0;
      for (const line of read(log)) {
        if (++shown === 10) punch(run, 14 * (read === linesBackward ? 15_000 : 9_000));
        const bytes = log.read(line.start, new Uint8Array(line.end - line.start));
        if (line.start < log.begin) continue;
        assert(
          new TextDecoder().decode(bytes) === lines[line.start / 14]?.trimEnd(),
          `${line.start}`,
        );
      }
      assert(shown > 10);
    }
  });
});

Deno.test("who follows is told how much was dropped before it could be shown, and misses no more", async () => {
  await withRun(async (run) => {
    const block = "0123456789abcde\n".repeat(64 * 1024 / 16);
    Deno.writeTextFileSync(logPath(run, "stdout"), block.repeat(4));
    const follower = followRun(run, { from: { stdout: 0, stderr: 0 } });
    const chunks: { length: number; missed: number }[] = [];
    for await (const { bytes, missed } of follower) {
      assertEquals(bytes.includes(0), false);
      chunks.push({ length: bytes.length, missed });
      if (chunks.length === 1) punch(run, 150_000 - 150_000 % 16);
      follower.finish();
    }
    const dropped = 150_000 - 150_000 % 16;
    assertEquals(chunks[0], { length: 65_536, missed: 0 });
    assertEquals(chunks[1]?.missed, dropped - 65_536);
    const shown = chunks.reduce((sum, { length, missed }) => sum + length + missed, 0);
    assertEquals(shown, block.length * 4);
  });
});

Deno.test("a rewritten log keeps its tail where it was, also when it was cut short in the middle", () => {
  withRun((run) => {
    const path = logPath(run, "stdout");
    const body = Array.from({ length: 5_000 }, (_, n) => `${n}\n`).join("");
    Deno.writeTextFileSync(path, body);
    using appending = Deno.openSync(path, { append: true });
    rewriteFrom(path, 10_000);
    appending.writeSync(new TextEncoder().encode("more\n"));
    const kept = () => Deno.readTextFileSync(path).slice(10_000);
    assertEquals(kept(), `${body.slice(10_000)}more\n`);
    assertEquals(holeEnd(path, 0), 10_000);
    Deno.writeTextFileSync(`${path}.tail`, kept());
    Deno.truncateSync(path, 0);
    finishRewriting(path, 10_000);
    assertEquals(kept(), `${body.slice(10_000)}more\n`);
    assertEquals([...Deno.readDirSync(run)].map(({ name }) => name), ["stdout.log"]);
  });
});

Deno.test("a log is cut where a line begins, unless the line is very long", () => {
  withRun((run) => {
    const path = logPath(run, "stdout");
    Deno.writeTextFileSync(path, "0123456789abcde\n".repeat(100));
    assertEquals(cutOffset(path, 1_600, 160), 1_440);
    assertEquals(cutOffset(path, 1_600, 161), 1_440);
    assertEquals(cutOffset(path, 1_600, 159), 1_456);
    assertEquals(cutOffset(path, 1_600, 5_000), 0);
    Deno.writeTextFileSync(path, "x".repeat(1_000_000));
    assertEquals(cutOffset(path, 1_000_000, 100_000), 900_000);
  });
});

Deno.test("a timeline that is trimmed dates every byte that is kept as before", () => {
  const growth = fc.record({
    after: fc.integer({ min: 60, max: 200 }),
    stdout: fc.nat(50),
    stderr: fc.nat(50),
  });
  fc.assert(
    fc.property(fc.array(growth, { minLength: 1, maxLength: 60 }), fc.nat(100), (growths, part) => {
      withRun((run) => {
        const start = Date.now() - 1_000_000;
        let [time, stdout, stderr] = [start, 0, 0];
        using writer = TimelineWriter.open(run, start);
        for (const growth of growths) {
          time += growth.after;
          stdout += growth.stdout;
          stderr += growth.stderr;
          writer.note(time, { stdout, stderr });
        }
        const dropped = { stdout: Math.floor(stdout * part / 100), stderr: 0, freezing: null };
        const times = (stream: "stdout" | "stderr", size: number, from: number) => {
          using reader = TimelineReader.open(run);
          return Array.from(
            { length: size - from },
            (_, n) => reader.record(reader.indexOf(stream, from + n)).time,
          );
        };
        const before = [times("stdout", stdout, dropped.stdout), times("stderr", stderr, 0)];
        writeDropped(run, dropped);
        writer.trim();
        assertEquals([times("stdout", stdout, dropped.stdout), times("stderr", stderr, 0)], before);
        writer.note(time + 100, { stdout: stdout + 1, stderr });
        assertEquals(times("stdout", stdout + 1, stdout), [time + 100]);
      });
    }),
    { numRuns: 100 },
  );
});

Deno.test("a timeline stays bounded, its times stay near, and who has the old one open reads on", () => {
  withRun((run) => {
    const start = Date.now() - 100_000_000;
    using writer = TimelineWriter.open(run, start, 400);
    using early = TimelineReader.open(run);
    const wasFirst = early.record(0);
    for (let n = 1; n <= 20_000; n++) {
      writer.note(start + n * 100, { stdout: n * 10, stderr: 0 });
      assert(Deno.statSync(timelinePath(run)).size <= 401 * RECORD_BYTES);
    }
    assertEquals(early.record(0), wasFirst);
    using reader = TimelineReader.open(run);
    assertEquals(reader.record(reader.count - 1).stdout, 200_000);
    assertEquals(reader.record(reader.indexOf("stdout", 199_990)).time, start + 20_000 * 100);
    for (let at = 1; at < reader.count; at++) {
      assert(reader.record(at).time > reader.record(at - 1).time);
      assert(reader.record(at).stdout > reader.record(at - 1).stdout);
    }
  });
});

Deno.test("a timeline that can not be trimmed is tried again now and then, and leaves no draft", () => {
  withRun((run) => {
    using writer = TimelineWriter.open(run, 1, 80);
    const draft = `${timelinePath(run)}.new`;
    Deno.mkdirSync(`${draft}/in the way`, { recursive: true });
    let failed = 0;
    for (let n = 1; n <= 200; n++) {
      try {
        writer.note(n * 100, { stdout: n * 10, stderr: 0 });
      } catch {
        failed++;
      }
    }
    assert(failed > 0 && failed <= 12, `${failed}`);
    Deno.removeSync(draft, { recursive: true });
    for (let n = 201; n <= 212; n++) writer.note(n * 100, { stdout: n * 10, stderr: 0 });
    using reader = TimelineReader.open(run);
    assert(reader.count <= 80);
    assertEquals(reader.record(reader.count - 1), { time: 21_200, stdout: 2_120, stderr: 0 });
  });
});

Deno.test("a log of which nobody can say what was dropped is not left open", {
  sanitizeResources: true,
}, () => {
  withRun((run) => {
    Deno.writeTextFileSync(logPath(run, "stdout"), "line\n");
    const dropped = () => {
      throw new Error("too many open files");
    };
    assertThrows(() => LogFile.open(logPath(run, "stdout"), dropped), Error, "too many");
  });
});

Deno.test("the oldest ended runs are emptied until the rest fits", () => {
  const runs = [[5, 30], [1, 0], [2, 10], [9, 5], [3, 20]]
    .map(([endedAt = 0, kept = 0]) => ({ endedAt, kept }));
  const chosen = (limit: number) => runsToEmpty(runs, 100, limit).map(({ endedAt }) => endedAt);
  assertEquals(chosen(100), []);
  assertEquals(chosen(99), [2]);
  assertEquals(chosen(90), [2]);
  assertEquals(chosen(89), [2, 3]);
  assertEquals(chosen(0), [2, 3, 5, 9]);
});

Deno.test("a log is cut soon when it is a quarter too large, and at once when it is far too large", () => {
  assertEquals([0, 100, 125, 126, 1_600, 1_601].map((kept) => urgencyOf(kept, 100)), [
    "none",
    "none",
    "none",
    "soon",
    "soon",
    "at once",
  ]);
});

Deno.test("sizes are read as people write them", () => {
  for (
    const [text, bytes] of [
      ["65536", 65_536],
      ["64K", 65_536],
      ["64M", 67_108_864],
      ["1g", 1_073_741_824],
      [" 2MiB ", 2_097_152],
      ["3MB", 3_145_728],
      ["", null],
      ["M", null],
      ["-1", null],
      ["1.5G", null],
      ["64 M", null],
      ["1T", null],
      ["9999999999999G", null],
    ] as const
  ) assertEquals(parseByteSize(text), bytes, text);
});
