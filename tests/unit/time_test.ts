import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { parseTime } from "../../lib/protocol/time.ts";

const NOW = Date.UTC(2026, 0, 31, 14, 5, 30);

const times: [string, string][] = [
  ["2026-01-31T14:05:00Z", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31T14:05:00z", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31T14:05:00.123Z", "2026-01-31T14:05:00.123Z"],
  ["2026-01-31T14:05:00,123Z", "2026-01-31T14:05:00.123Z"],
  ["2026-01-31T14:05:00.123456789Z", "2026-01-31T14:05:00.123Z"],
  ["2026-01-31T14:05:00", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31 14:05:00", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31T14:05", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31T14:05Z", "2026-01-31T14:05:00.000Z"],
  ["2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["2026-01-31T14:05:00+02:00", "2026-01-31T12:05:00.000Z"],
  ["2026-01-31T14:05:00+0200", "2026-01-31T12:05:00.000Z"],
  ["2026-01-31T14:05:00-05:30", "2026-01-31T19:35:00.000Z"],
  ["2026-01-31 14:05:00 +02:00", "2026-01-31T12:05:00.000Z"],
  [" 2026-01-31T14:05:00Z ", "2026-01-31T14:05:00.000Z"],
  ["90s", "2026-01-31T14:04:00.000Z"],
  ["5m", "2026-01-31T14:00:30.000Z"],
  ["2h", "2026-01-31T12:05:30.000Z"],
  ["1h30m", "2026-01-31T12:35:30.000Z"],
  ["1.5h", "2026-01-31T12:35:30.000Z"],
  ["1d", "2026-01-30T14:05:30.000Z"],
  ["500ms", "2026-01-31T14:05:29.500Z"],
  ["0s", "2026-01-31T14:05:30.000Z"],
];

for (const [text, expected] of times) {
  Deno.test(`${JSON.stringify(text)} is ${expected}`, () => {
    assertEquals(new Date(parseTime(text, NOW)).toISOString(), expected);
  });
}

const wrong = [
  "",
  " ",
  "5",
  "5 m",
  "-5m",
  "m",
  "5y",
  "5m ago",
  "yesterday",
  "14:05",
  "2026-13-01",
  "2026-00-10",
  "2026-02-30",
  "2026-02-30T10:00:00Z",
  "2026-01-31T25:00:00Z",
  "2026-01-31T14:61:00Z",
  "2026-1-3",
  "31.01.2026",
  "1769868330",
  "2026-01-31T14:05:00 UTC",
  `${"9".repeat(400)}d`,
];

for (const text of wrong) {
  Deno.test(`${JSON.stringify(text.slice(0, 40))} is an error and not some time`, () => {
    const error = assertThrows(() => parseTime(text, NOW), PersistprocError, "is not a time");
    assertEquals(error.code, "invalid_request");
    assert(error.hint?.includes("5m"));
    assert(error.message.length < 120);
  });
}

Deno.test("every time that a date can write is read back", () => {
  const dates = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
  fc.assert(fc.property(dates, (date) => {
    assertEquals(parseTime(date.toISOString(), NOW), date.getTime());
  }));
});

Deno.test("no text makes the parser do anything but answer or refuse", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-:.TZsmhd +") }), (text) => {
      try {
        assert(Number.isFinite(parseTime(text, NOW)));
      } catch (error) {
        assert(error instanceof PersistprocError);
      }
    }),
  );
});
