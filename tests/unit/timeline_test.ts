import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { timelinePath } from "../../lib/logs/run_files.ts";
import { firstWhere } from "../../lib/logs/search.ts";
import { encodeRecord, RECORD_BYTES, TimelineReader } from "../../lib/logs/timeline.ts";
import type { TimelineRecord } from "../../lib/logs/timeline.ts";
import { TimelineWriter } from "../../lib/logs/timeline_writer.ts";

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = Deno.makeTempDirSync();
  try {
    return use(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function readAll(directory: string): TimelineRecord[] {
  using reader = TimelineReader.open(directory);
  return Array.from({ length: reader.count }, (_, index) => reader.record(index));
}

function write(directory: string, records: TimelineRecord[]): void {
  const bytes = new Uint8Array(records.length * RECORD_BYTES);
  records.forEach((record, index) => bytes.set(encodeRecord(record), index * RECORD_BYTES));
  Deno.writeFileSync(timelinePath(directory), bytes);
}

Deno.test("a timeline begins with a record at the start, of empty logs", () => {
  inDirectory((directory) => {
    TimelineWriter.open(directory, 1000)[Symbol.dispose]();
    assertEquals(readAll(directory), [{ time: 1000, stdout: 0, stderr: 0 }]);
    assertEquals(Deno.statSync(timelinePath(directory)).mode! & 0o777, 0o600);
  });
});

Deno.test("growth of one stream within 50 ms moves the last record on, never a longer time", () => {
  inDirectory((directory) => {
    using writer = TimelineWriter.open(directory, 1000);
    writer.note(1010, { stdout: 1, stderr: 0 });
    writer.note(1040, { stdout: 2, stderr: 0 });
    writer.note(1059, { stdout: 3, stderr: 0 });
    writer.note(1060, { stdout: 4, stderr: 0 });
    assertEquals(readAll(directory).slice(1), [
      { time: 1059, stdout: 3, stderr: 0 },
      { time: 1060, stdout: 4, stderr: 0 },
    ]);
  });
});

Deno.test("a change of stream makes a new record, and so does growth of both", () => {
  inDirectory((directory) => {
    using writer = TimelineWriter.open(directory, 1000);
    writer.note(1001, { stdout: 1, stderr: 0 });
    writer.note(1002, { stdout: 1, stderr: 1 });
    writer.note(1003, { stdout: 2, stderr: 1 });
    writer.note(1004, { stdout: 3, stderr: 2 });
    writer.note(1005, { stdout: 4, stderr: 3 });
    writer.note(1006, { stdout: 4, stderr: 3 });
    assertEquals(readAll(directory).map(({ time }) => time), [1000, 1001, 1002, 1003, 1004, 1005]);
  });
});

Deno.test("times never decrease when the clock is set back", () => {
  inDirectory((directory) => {
    using writer = TimelineWriter.open(directory, 1000);
    writer.note(900, { stdout: 1, stderr: 0 });
    writer.note(950, { stdout: 1, stderr: 1 });
    assertEquals(readAll(directory).map(({ time }) => time), [1000, 1000, 1000]);
  });
});

Deno.test("a timeline that is opened again goes on with a new record", () => {
  inDirectory((directory) => {
    using first = TimelineWriter.open(directory, 1000);
    first.note(1001, { stdout: 1, stderr: 0 });
    using second = TimelineWriter.open(directory, 1002);
    assertEquals(second.last, { time: 1001, stdout: 1, stderr: 0 });
    second.note(1003, { stdout: 2, stderr: 0 });
    assertEquals(readAll(directory).map(({ stdout }) => stdout), [0, 1, 2]);
  });
});

const DAMAGE: [what: string, bytes: Uint8Array][] = [
  ["half a record", new Uint8Array(11).fill(1)],
  ["zeros", new Uint8Array(3 * RECORD_BYTES)],
  ["NaN", encodeRecord({ time: NaN, stdout: NaN, stderr: NaN })],
  ["infinite sizes", encodeRecord({ time: 1001, stdout: Infinity, stderr: 0 })],
  ["negative sizes", encodeRecord({ time: 1001, stdout: -1, stderr: 0 })],
  ["a time far in the future", encodeRecord({ time: 1e300, stdout: 5, stderr: 5 })],
  ["noise", new Uint8Array(100).map((_, index) => index * 37)],
];

for (const [what, bytes] of DAMAGE) {
  Deno.test(`recording goes on behind what is sound of a timeline that ends in ${what}`, () => {
    inDirectory((directory) => {
      write(directory, [{ time: 1000, stdout: 0, stderr: 0 }, {
        time: 1001,
        stdout: 4,
        stderr: 0,
      }]);
      Deno.writeFileSync(timelinePath(directory), bytes, { append: true });
      using writer = TimelineWriter.open(directory, 2000);
      writer.note(2000, { stdout: 6, stderr: 0 });
      assertEquals(readAll(directory).map(({ stdout }) => stdout), [0, 4, 6]);
    });
  });
}

Deno.test("no record reaches beyond a log that was cut from outside", () => {
  inDirectory((directory) => {
    using writer = TimelineWriter.open(directory, 1000);
    writer.note(1001, { stdout: 10, stderr: 0 });
    writer.note(1002, { stdout: 10, stderr: 7 });
    writer.note(1100, { stdout: 3, stderr: 7 });
    writer.note(1200, { stdout: 8, stderr: 7 });
    assertEquals(readAll(directory).map(({ stdout, stderr }) => [stdout, stderr]), [
      [0, 0],
      [3, 0],
      [3, 7],
      [8, 7],
    ]);
  });
});

Deno.test("a record that could not be written is made up for by the next", () => {
  inDirectory((directory) => {
    const writer = TimelineWriter.open(directory, 1000);
    writer[Symbol.dispose]();
    assertThrows(() => writer.note(1001, { stdout: 1, stderr: 0 }));
    assertEquals(writer.last.stdout, 0);
  });
});

/** Sound records: neither times nor sizes decrease. */
const timeline = fc.array(fc.record({ time: fc.nat(9), stdout: fc.nat(9), stderr: fc.nat(9) }), {
  maxLength: 300,
}).map((steps) => {
  let last = { time: 1000, stdout: 0, stderr: 0 };
  return [
    last,
    ...steps.map((step) =>
      last = {
        time: last.time + step.time,
        stdout: last.stdout + step.stdout,
        stderr: last.stderr + step.stderr,
      }
    ),
  ];
});

Deno.test("offsets and times are found as going through all records finds them", () => {
  fc.assert(
    fc.property(timeline, fc.nat(3000), fc.nat(400), (records, at, near) => {
      inDirectory((directory) => {
        write(directory, records);
        using reader = TimelineReader.open(directory);
        for (const stream of ["stdout", "stderr"] as const) {
          const index = records.findIndex((record) => record[stream] > at);
          assertEquals(reader.indexOf(stream, at, near), index < 0 ? records.length : index);
          const before = records.findLast(({ time }) => time < 1000 + at);
          assertEquals(reader.sizeBefore(stream, 1000 + at), before?.[stream] ?? 0);
        }
      });
    }),
    { numRuns: 200 },
  );
});

Deno.test("a position is found in a few steps, wherever the search begins", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(), fc.integer(), (count, seed, near) => {
      const border = seed % (count + 1);
      let steps = 0;
      const found = firstWhere(count, near, (position) => {
        steps++;
        assertEquals(position >= 0 && position < count, true);
        return position >= border;
      });
      assertEquals(found, border);
      assertEquals(steps <= 40, true, `${steps} steps`);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a search in what has no order ends", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(200), (answers, near) => {
      const found = firstWhere(answers.length, near, (position) => answers[position] ?? false);
      assertEquals(found >= 0 && found <= answers.length, true);
    }),
    { numRuns: 2_000 },
  );
});
