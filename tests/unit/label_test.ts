import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { checkLabel } from "../../lib/supervisor/label.ts";

Deno.test("a label that nobody could see, tell from others or type back is refused", () => {
  const cases: [label: string, words: string][] = [
    ["a\u001b[2Jb", "control characters"],
    ["a\nb", "control characters"],
    ["a\u2028b", "control characters"],
    ["web\u202egpj", "control characters"],
    ["\u2066web\u2069", "control characters"],
    ["x".repeat(201), "at most 200"],
    ["\u200b", "U+200B"],
    ["web\u200b", "U+200B"],
    ["we\u00adb", "U+00AD"],
    ["\ufeffweb", "U+FEFF"],
    ["\u3164", "U+3164"],
    ["web\u{e0041}", "U+E0041"],
    ["\u200d", "can be seen"],
    [" \u00a0\u3000", "can be seen"],
    ["persistproc-server", "the server's own"],
    [" persistproc-server\u200d", "the server's own"],
  ];
  for (const [label, words] of cases) {
    const error = assertThrows(() => checkLabel(label), PersistprocError);
    assertStringIncludes(error.message, words);
    assert(/^[^\n]*\.$/.test(error.message) && error.hint);
  }
});

Deno.test("a label in any script, and with any emoji, is kept as it is", () => {
  const labels = [
    "my api-1_x (dev)",
    "bob's server",
    "世界 サーバー",
    "خادم الويب",
    "שרת web",
    "می\u200cخواهم",
    "क्\u200dष",
    "👩\u200d💻 dev",
    "❤\ufe0f",
    "persistproc-server-2",
  ];
  for (const label of labels) assertEquals(checkLabel(label), label);
});
