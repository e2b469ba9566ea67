import { assertEquals, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { cleanBlock } from "../../lib/logs/clean_block.ts";
import { cleanLine } from "../../lib/logs/clean.ts";

const cases: [what: string, line: string, text: string][] = [
  ["plain text", "hello, wörld 🙂", "hello, wörld 🙂"],
  ["tabs", "a\tb", "a\tb"],
  ["trailing spaces", "a  ", "a  "],
  ["colours", "\x1b[1;38;2;255;0;0mred\x1b[0m text", "red text"],
  ["colours with colons", "\x1b[4:3mcurly\x1b[m", "curly"],
  ["private modes", "\x1b[?25l\x1b[?2026hx\x1b[>4;1m", "x"],
  ["a sequence with intermediates", "\x1b[2 qx\x1b[!py", "xy"],
  ["a window title ended by BEL", "\x1b]0;vite\x07ready", "ready"],
  ["a window title ended by ST", "\x1b]0;vite\x1b\\ready", "ready"],
  ["a hyperlink", "\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\!", "link!"],
  ["a device control string", "a\x1bP1$r0m\x1b\\b", "ab"],
  ["BEL within a device control string", "a\x1bPq\x07z\x1b\\b", "ab"],
  ["SOS, PM and APC", "1\x1bXs\x1b\\2\x1b^p\x1b\\3\x1b_a\x1b\\4", "1234"],
  ["escapes of two characters", "a\x1b7b\x1b8c\x1bMd\x1b=e\x1b>f", "abcdef"],
  ["a character set", "\x1b(Bx\x1b)0y\x1b#8z", "xyz"],
  ["C1 characters", "\u009b31mred\u009b0m\u009d0;t\u009cok\u0085", "redok"],
  ["an unterminated CSI", "text\x1b[31", "text"],
  ["an unterminated title", "text\x1b]0;tit", "text"],
  ["a lone escape", "text\x1b", "text"],
  ["an escape before text that is none", "a\x1bäb", "aäb"],
  ["a CSI broken off by another", "\x1b[31\x1b[0mtext", "text"],
  ["a CSI broken off by a carriage return", "\x1b[31\rtext", "text"],
  ["a CSI broken off by text", "\x1b[3ätext", "ätext"],
  ["a title broken off by a colour", "\x1b]0;t\x1b[31mtext", "text"],
  ["a title cancelled", "\x1b]0;t\x18text", "text"],
  ["CRLF", "text\r", "text"],
  ["a progress bar", "10%\r20%\r100%", "100%"],
  ["a shorter text over a longer one", "loading\rdone", "doneing"],
  ["a text wiped with spaces", "loading\r       \rdone", "done"],
  ["a text wiped with spaces and nothing after", "loading\r       \r", ""],
  ["erase to the right", "loading\r\x1b[Kdone", "done"],
  ["erase to the left", "loading\x1b[1Kx", "       x"],
  ["erase the line", "loading\x1b[2K\rdone", "done"],
  ["erase the line without going back", "ab\x1b[2Kc", "  c"],
  ["go to a column", "loading\x1b[1Gdone\x1b[K", "done"],
  ["go left", "abc\x1b[2Dx", "axc"],
  ["go right", "a\x1b[2Cb", "a  b"],
  ["go right without end", "a\x1b[999999999Cb", "a" + " ".repeat(199) + "b"],
  ["go right and write nothing", "a\x1b[50C", "a"],
  ["go left without end", "abc\x1b[999Dx", "xbc"],
  ["a backspace", "abx\bc", "abc"],
  ["bold by overstriking", "a\bab\bb", "ab"],
  ["a backspace too many", "\b\bx", "x"],
  ["overwritten characters of two units", "🙂🙂\rx", "x🙂"],
  ["other control characters", "a\0b\x01c\x0bd\x0ce\x7ff\x07", "abcdef"],
];

for (const [what, line, text] of cases) {
  Deno.test(`cleaned: ${what}`, () => assertEquals(cleanLine(line), text));
}

Deno.test("bytes that are not UTF-8 are replaced, and nothing after them is lost", () => {
  const line = new Uint8Array([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0x9b, 0x33]);
  assertEquals(cleanLine(line), "a\ufffdb\ufffdc\ufffd3");
});

/** Bytes in which sequences, whole and broken, are likely. */
const bytes = fc.array(
  fc.oneof(
    fc.constantFrom(..."\x1b[]P^_X\\;0123?mKGCD\r\b\x07\x18\x7f ab").map((c) => c.charCodeAt(0)),
    fc.nat(255),
  ),
  { maxLength: 60 },
).map((codes) => Uint8Array.from(codes.filter((code) => code !== 10)));

Deno.test("no control character but tabs survives, whatever is written", () => {
  fc.assert(
    fc.property(bytes, (line) => {
      assertNotMatch(cleanLine(line), /[^\P{Cc}\t]/u);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("what is clean stays as it is", () => {
  fc.assert(
    fc.property(bytes, (line) => {
      const text = cleanLine(line);
      assertEquals(cleanLine(text), text);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("a line of escapes costs no more than its length", () => {
  assertEquals(cleanLine("\x1b[31".repeat(200_000)), "");
  assertEquals(cleanLine("\x1b]".repeat(200_000)), "");
  assertEquals(cleanLine("x" + "\x1b[1K".repeat(50_000)), "");
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
