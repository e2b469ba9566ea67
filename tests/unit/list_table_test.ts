/** The table of `list`: everything where there is room, what matters most where there is little. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fitCell } from "../../lib/cli/format/cells.ts";
import { formatBytes } from "../../lib/cli/format/list.ts";
import { formatListTable } from "../../lib/cli/format/list_table.ts";
import { textWidth } from "../../lib/cli/terminal/width.ts";
import { processInfo } from "./server_fakes.ts";

const failed = processInfo({
  pid: 17,
  label: "python3 -m http.server 8000 in /home/me/shop/frontend",
  status: "exited",
  exit_code: 1,
  reason: 'exited with code 1 after 80 ms; port 8000 is held by "web" (PID 4711)',
  end_time: "2026-01-31T14:05:01.000Z",
  ports: [],
  cpu_percent: null,
  memory_bytes: null,
});

Deno.test("the table shows every column where there is room", () => {
  assertEquals(formatListTable([processInfo({ uptime_seconds: 7_380 }), failed], 172), [
    `LABEL${" ".repeat(51)}PID  STATE     UPTIME  PORTS  CPU   MEMORY  LAST ERROR`,
    `web${" ".repeat(52)}4711  running     2h3m  5173    1%  125 MiB`,
    `${failed.label}    17  exited 1${" ".repeat(31)}${failed.reason}`,
  ]);
});

Deno.test("what runs stands above what has ended", () => {
  const rows = formatListTable([failed, processInfo({ label: "late" })], 172).slice(1);
  assertEquals(rows.map((row) => row.split(" ")[0]), ["late", failed.label.split(" ")[0]]);
});

Deno.test("of what runs, the table counts the lines that look like errors", () => {
  const last = (errors: number) =>
    formatListTable([processInfo({ error_lines: errors })], 172)[1]?.split(/ {2,}/).at(-1);
  assertEquals([last(0), last(1), last(12)], ["125 MiB", "1 error line", "12 error lines"]);
});

Deno.test("where there is little room, label, pid and state stay", () => {
  assertEquals(formatListTable([processInfo(), failed], 80).map((line) => line.slice(0, 28)), [
    "LABEL           PID  STATE  ",
    "web            4711  running",
    "python…ontend    17  exited ",
  ]);
  assertEquals(formatListTable([processInfo(), failed], 30), [
    "LABEL            PID  STATE",
    "web             4711  running",
    "python3…ontend    17  exited 1",
  ]);
});

Deno.test("no line is ever wider than the terminal, whatever the labels are", () => {
  const label = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(fc.property(fc.array(label), fc.integer({ min: 1, max: 200 }), (labels, width) => {
    const table = formatListTable(labels.map((label) => processInfo({ label })), width);
    assertEquals(table.length, labels.length + 1);
    for (const line of table) assert(textWidth(line) <= width, JSON.stringify([line, width]));
  }));
});

Deno.test("a cell is cut at its width, also through wide characters", () => {
  assertEquals(fitCell("abc", 5), "abc  ");
  assertEquals(fitCell("abcdef", 4), "abc…");
  assertEquals(fitCell("abcdefgh", 5, "middle"), "ab…gh");
  assertEquals(fitCell("日本語です", 6), "日本… ");
  assertEquals(fitCell("abc", 0), "");
});

Deno.test("bytes are told in the unit that fits", () => {
  const cases = {
    512: "1 KiB",
    900_000: "879 KiB",
    1_500_000: "1.4 MiB",
    5_000_000_000: "4.7 GiB",
  };
  for (const [bytes, text] of Object.entries(cases)) assertEquals(formatBytes(Number(bytes)), text);
});
