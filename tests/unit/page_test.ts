import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { shortLabels } from "../../lib/logs/labels.ts";
import { formatLine } from "../../lib/logs/line_text.ts";
import type { LogLine, OutputPage } from "../../lib/logs/output.ts";
import { formatFooter, formatPage } from "../../lib/logs/page.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function lineOf(text: string, more: Partial<LogLine> = {}): LogLine {
  const bytes = new TextEncoder().encode(text);
  const source = { label: "web", runDirectory: "/runs/web" };
  const sound = { cutBefore: 0, cutAfter: 0, terminated: true };
  return { source, stream: "stdout", time: START, bytes, ...sound, ...more };
}

function pageOf(lines: (LogLine | string)[], more: Partial<OutputPage> = {}): OutputPage {
  const all = lines.map((line, n) =>
    typeof line === "string" ? lineOf(line, { time: START + n }) : line
  );
  const sources = [...new Set(all.map(({ source }) => source))];
  return { lines: all, earlier: false, bytesTotal: 1234, missed: 0, sources, ...more };
}

const PLAIN = { maxCharacters: null };

Deno.test("a page is its lines, cleaned", () => {
  const page = pageOf(["\x1b[32mready\x1b[0m", "", "10%\r100%", "prompt> "]);
  assertEquals(formatPage(page, PLAIN).body, "ready\n\n100%\nprompt> ");
  assertEquals(
    formatPage(page, { ...PLAIN, ansi: true }).body.slice(0, 14),
    "\x1b[32mready\x1b[0m",
  );
});

Deno.test("times and streams stand in front of lines when they are asked for", () => {
  const page = pageOf(["ready"]);
  assertEquals(
    formatPage(page, { ...PLAIN, timestamps: true }).body,
    "2026-01-02T03:04:05.678Z ready",
  );
  assertEquals(formatPage(page, { ...PLAIN, streams: true }).body, "stdout ready");
});

Deno.test("lines say whose they are when there are several processes, and only then", () => {
  const web = { label: "npm run dev in /srv/web", runDirectory: "1" };
  const api = { label: "api", runDirectory: "2" };
  const page = pageOf([lineOf("a", { source: web }), lineOf("b", { source: api })]);
  assertEquals(formatPage(page, PLAIN).body, "[npm run dev] a\n[api] b");
  assertEquals(formatPage(page, { ...PLAIN, labels: false }).body, "a\nb");
  assertEquals(formatPage(pageOf([lineOf("a", { source: web })]), PLAIN).body, "a");
});

Deno.test("a label is as short as tells the processes apart", () => {
  const short = (...labels: string[]) => [...shortLabels(labels).values()];
  assertEquals(short("npm run dev in /a", "web"), ["npm run dev", "web"]);
  assertEquals(short("npm run dev in /a", "npm run dev in /b"), [
    "npm run dev in /a",
    "npm run dev in /b",
  ]);
  assertEquals(short("look in /x in /a"), ["look in /x"]);
  assertEquals(short("sh -c 'a\nb' in /a"), ["sh -c 'a\\x0ab'"]);
});

Deno.test("equal lines are folded where that is shorter", () => {
  const body = (lines: string[], more = {}) =>
    formatPage(pageOf(lines), { ...PLAIN, ...more }).body;
  assertEquals(body(Array(57).fill("again")), "again × 57");
  assertEquals(body(["a", "again", "again", "b"]), "a\nagain × 2\nb");
  assertEquals(body(["y", "y", "", "", "z"]), "y\ny\n\n\nz");
  assertEquals(body(["again", "again"], { fold: false }), "again\nagain");
  assertEquals(formatPage(pageOf(Array(57).fill("again")), PLAIN).lines, 57);
});

Deno.test("lines that look equal are not folded when others wrote them", () => {
  const api = { label: "api", runDirectory: "2" };
  const page = pageOf([
    lineOf("listening"),
    lineOf("listening", { stream: "stderr" }),
    lineOf("listening", { source: api }),
  ]);
  assertEquals(
    formatPage(page, { ...PLAIN, labels: false }).body,
    "listening\nlistening\nlistening",
  );
});

Deno.test("a long line is cut and says by how much", () => {
  assertEquals(formatLine(lineOf("ä".repeat(2_100))), `${"ä".repeat(2_000)} [+200 bytes]`);
  assertEquals(formatLine(lineOf("abcdef"), { maxLineCharacters: 4 }), "abcd [+2 bytes]");
  assertEquals(formatLine(lineOf("abc🙂d"), { maxLineCharacters: 4 }), "abc [+5 bytes]");
  assertEquals(formatLine(lineOf("abc", { cutAfter: 7 })), "abc [+7 bytes]");
  assertEquals(formatLine(lineOf("90%\r99%", { cutBefore: 7 })), "[7 bytes overwritten] 99%");
});

Deno.test("a page that is too long loses its oldest lines and says how to get them", () => {
  const lines = Array.from({ length: 50 }, (_, n) => `this is line ${n}`);
  const text = formatPage(pageOf(lines), { maxCharacters: 200 });
  assertEquals(
    text.body,
    "[44 earlier lines left out to fit max_characters 200; for them: before_time " +
      "2026-01-02T03:04:05.722Z]\n" + lines.slice(-6).join("\n"),
  );
  assertEquals([text.lines, text.first, text.last], [6, START + 44, START + 49]);
});

Deno.test("no time is named that would miss lines which came together", () => {
  const lines = Array.from({ length: 50 }, (_, n) => lineOf(`this is line ${n}`));
  const { body } = formatPage(pageOf(lines), { maxCharacters: 200 });
  assertStringIncludes(body, "for them: raise it]\n");
});

Deno.test("of a newest line that is too long there is as much as fits", () => {
  assertEquals(formatPage(pageOf(["abcdefghijkl"]), { maxCharacters: 10 }).body, "abcd [cut]");
  const { body, lines } = formatPage(pageOf(["a", "b".repeat(500)]), { maxCharacters: 150 });
  assertEquals([body.length, lines, body.endsWith("bbb [cut]")], [150, 1, true]);
});

Deno.test("a page never has more characters than it may, and shows lines up to the newest", () => {
  const text = fc.constantFrom(
    "",
    "a",
    "a longer line of text",
    "\x1b[31mred\x1b[0m",
    "x".repeat(300),
  );
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 60 }),
      fc.integer({ min: 1, max: 900 }),
      (lines, max) => {
        const page = formatPage(pageOf(lines), { maxCharacters: max });
        const whole = formatPage(pageOf(lines), PLAIN);
        assertEquals(page.body.length <= max, true);
        if (whole.body.length <= max) assertEquals(page, whole);
        else if (!page.body.endsWith("[cut]") && page.body.length > 100) {
          const shown = page.body.replace(/^\[\d+ earlier [^\n]*\n/, "");
          assertEquals(whole.body.endsWith(shown), true);
          assertEquals(page.body.startsWith(`[${lines.length - page.lines} earlier line`), true);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("a page of many equal lines costs no more than its length", () => {
  const lines = Array(200_000).fill(lineOf("again"));
  assertEquals(formatPage(pageOf(lines), PLAIN).body, "again × 200000");
});

Deno.test("the footer counts what is shown and says when it came", () => {
  const footer = (page: OutputPage, max: number | null = null, facts?: string[]) =>
    formatFooter(page, formatPage(page, { maxCharacters: max }), facts);
  assertEquals(
    footer(pageOf(["one", "two"])),
    "-- 2 lines of 1234 bytes, 2026-01-02T03:04:05.678Z..03:04:05.679Z",
  );
  assertEquals(
    footer(pageOf(["one"], { earlier: true }), null, ["cursor abc"]),
    "-- last 1 line of 1234 bytes, 2026-01-02T03:04:05.678Z, cursor abc",
  );
  assertEquals(footer(pageOf([])), "-- 0 lines of 1234 bytes");
  const nextDay = lineOf("b", { time: START + 86_400_000 });
  assertStringIncludes(footer(pageOf([lineOf("a"), nextDay])), "678Z..2026-01-03T03:04:05.678Z");
  assertStringIncludes(
    footer(pageOf(Array(99).fill(0).map((_, n) => `line ${n}`)), 300),
    "-- last ",
  );
});
