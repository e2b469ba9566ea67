import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { shorten, shortenCommand } from "../../lib/protocol/shorten.ts";

Deno.test("what is cut ends in a mark, and never in half a character", () => {
  assertEquals(shorten("abc", 3), "abc");
  assertEquals(shorten("abcd", 3), "abc…");
  assertEquals(shorten("ab😀", 3), "ab…");
  assertEquals(shorten("abc", -1), "…");
});

Deno.test("a command of ordinary length is shown whole, however many words it has", () => {
  const command = ["npm", "run", "dev", "", "--", ...Array.from({ length: 100 }, (_, n) => `${n}`)];
  assertEquals(shortenCommand(command), command);
  assertEquals(shortenCommand(["x".repeat(1_000)]), ["x".repeat(1_000)]);
});

Deno.test("a long command is shown by its first words, with a mark where it is cut", () => {
  assertEquals(shortenCommand(["x".repeat(200_000)]), [`${"x".repeat(1_000)}…`]);
  const word = fc.oneof(fc.string(), fc.nat(3_000).map((length) => "y".repeat(length)));
  fc.assert(fc.property(fc.array(word, { maxLength: 40 }), (command) => {
    const shown = shortenCommand(command);
    assert(shown.join(" ").length <= 1_002, `${shown.join(" ").length}`);
    if (shown.join("\0") === command.join("\0")) return;
    const last = shown.length - 1;
    assertEquals(shown.slice(0, last), command.slice(0, last));
    assert(shown[last]?.endsWith("…"));
    assert(command[last]?.startsWith(shown[last]?.slice(0, -1) ?? ""));
  }));
  assert(shortenCommand(Array<string>(100_000).fill("")).length <= 1_002);
});
