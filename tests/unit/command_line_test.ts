import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { needsShell, quoteCommandLine, splitCommandLine } from "../../lib/protocol/command_line.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";

const splits: [string, string[]][] = [
  ["", []],
  [" \t ", []],
  ["npm run dev", ["npm", "run", "dev"]],
  ["  npm   run\tdev\n", ["npm", "run", "dev"]],
  ["a 'b c' d", ["a", "b c", "d"]],
  [`a "b c" d`, ["a", "b c", "d"]],
  [`a"b"'c'd`, ["abcd"]],
  ["''", [""]],
  [`a "" ''`, ["a", "", ""]],
  ["a\\ b", ["a b"]],
  ["a\\\\b", ["a\\b"]],
  ["'a\\b'", ["a\\b"]],
  [`"a\\b"`, ["a\\b"]],
  [`"a\\"b\\\\c\\$d\\\`e"`, ['a"b\\c$d`e']],
  [`"it's"`, ["it's"]],
  [`'say "x"'`, ['say "x"']],
  ["'line\nbreak'", ["line\nbreak"]],
  ["a\\\nb", ["ab"]],
  [`"a\\\nb"`, ["ab"]],
  ["node --x='a b' -- -y", ["node", "--x=a b", "--", "-y"]],
  ["echo größe 日本 🎉", ["echo", "größe", "日本", "🎉"]],
  // Only space, tab and newline separate words, as in a shell; this is a no-break space.
  ["a\u00a0b", ["a\u00a0b"]],
];

for (const [text, words] of splits) {
  Deno.test(`${JSON.stringify(text)} splits into ${JSON.stringify(words)}`, () => {
    assertEquals(splitCommandLine(text), words);
  });
}

Deno.test("an unclosed quote is an error that names it", () => {
  for (const [text, quote] of [["a 'b", "'"], ['a "b', '"'], [`"it's`, '"'], ['"a\\"', '"']]) {
    const error = assertThrows(() => splitCommandLine(text ?? ""), PersistprocError, "unclosed");
    assertEquals(error.code, "invalid_request");
    assert(error.message.includes(`unclosed ${quote} quote`));
    assert(error.hint);
  }
});

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."ab '\"\\$`\n\t~#=*-") }),
);

Deno.test("any words survive quoting and splitting", () => {
  fc.assert(fc.property(fc.array(word), (words) => {
    assertEquals(splitCommandLine(quoteCommandLine(words)), words);
  }));
});

Deno.test("a quoted command never needs a shell", () => {
  fc.assert(fc.property(fc.array(word), (words) => !needsShell(quoteCommandLine(words))), {
    examples: [[["A=1", "x"]], [["~"]], [["a", "~b"]], [["#"]], [["a[1]"]]],
  });
});

Deno.test("a shell reads a quoted command as the same words", async () => {
  const words = ["a b", "it's", '"', "$HOME", "`x`", "\\", "*", "~", "a\nb", "", "-n", "x=1", "ü"];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\0' ${quoteCommandLine(words)}`],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), words.map((text) => `${text}\0`).join(""));
});

const shell: [string, boolean][] = [
  ["npm run dev", false],
  ["npm run dev -- --port=3000", false],
  ["a && b", true],
  ["a || b", true],
  ["a & b", true],
  ["a | b", true],
  ["a; b", true],
  ["a > log", true],
  ["a 2>&1", true],
  ["a < in", true],
  ["a >>log", true],
  ["echo $HOME", true],
  ['echo "$HOME"', true],
  ["echo '$HOME'", false],
  ["echo \\$HOME", false],
  ['echo "\\$HOME"', false],
  ["echo `date`", true],
  ['echo "`date`"', true],
  ["echo '`date`'", false],
  ["(a)", true],
  ["PORT=3000 npm start", true],
  ["  _x9=1 a", true],
  ["npm PORT=3000", false],
  ["a --x=1", false],
  ["9A=1 b", false],
  ["ls *.ts", true],
  ["ls '*.ts'", false],
  ["ls a?", true],
  ["ls [ab]", true],
  ["ls \\*", false],
  ["ls ~/x", true],
  ["~/bin/x", true],
  ["a~b", false],
  ["git show HEAD~1", false],
  ["a # comment", true],
  ["a#b", false],
  ["a 'b && c'", false],
  ['a "b; c"', false],
  ["a\nb", true],
  ["", false],
];

for (const [text, expected] of shell) {
  Deno.test(`${JSON.stringify(text)} ${expected ? "needs a" : "needs no"} shell`, () => {
    assertEquals(needsShell(text), expected);
  });
}
