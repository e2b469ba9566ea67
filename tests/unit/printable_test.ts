import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { describeError, PersistprocError } from "../../lib/protocol/errors.ts";
import { printable, printableJson, printableLines } from "../../lib/protocol/printable.ts";

/** Any text, most of it of what must not reach a terminal. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      "\x1b[31m",
      "\x1b]0;x\x07",
      "\x9b2J",
      "\n",
      "\r",
      "\t",
      "\x7f",
      "\u2028",
      "\u202e",
    ),
    fc.string({ unit: "binary" }),
  ),
).map((parts) => parts.join(""));

/** What a terminal or a reader of lines acts on, by the general categories of Unicode. */
function acts(text: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u.test(text.replace(/[\u061c\u200e\u200f]/g, ""));
}

Deno.test("control characters are shown, not obeyed", () => {
  assertEquals(printable("a\x1b[31mb\nc\u009b"), "a\\x1b[31mb\\x0ac\\x9b");
  assertEquals(printable("txt.\u202eexe\u2028x"), "txt.\\u202eexe\\u2028x");
});

Deno.test("ordinary text of any script stays as it is", () => {
  for (const text of ["npm run dev", "日本語 👩‍👩‍👧 שלום", "C:\\x1b", "é\u0301 \u200f \u00a0"]) {
    assertEquals(printable(text), text);
  }
});

Deno.test("nothing that a terminal acts on is left, in one line or in several", () => {
  fc.assert(fc.property(hostile, (text) => {
    assert(!acts(printable(text)));
    const lines = printableLines(text);
    assert(!acts(lines.replace(/[\n\t]/g, "")));
    assertEquals(lines.split("\n").length, text.split("\n").length);
  }));
});

Deno.test("JSON keeps the exact value, and a terminal only shows it", () => {
  fc.assert(fc.property(hostile, fc.constantFrom(undefined, 2), (text, indent) => {
    const value = { [text]: [text, { nested: text }] };
    const json = printableJson(value, indent);
    assertEquals(JSON.parse(json), value);
    assert(!acts(json.replaceAll("\n", "")));
  }));
});

Deno.test("no name in an error can pose as a line of its own", () => {
  const text = "x\nPID 1 forged (running): rm";
  const candidate = {
    pid: 2,
    label: text,
    command: text,
    working_directory: text,
    status: "running",
  };
  const error = new PersistprocError("ambiguous", text, { hint: text, candidates: [candidate] });
  assertEquals(describeError(error).split("\n").length, 3);
});
