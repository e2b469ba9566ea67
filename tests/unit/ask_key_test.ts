import { assertEquals } from "@std/assert";
import { findAskKey } from "../../lib/cli/terminal/ask_key.ts";

const find = (typed: string) => findAskKey(new TextEncoder().encode(typed));

Deno.test("the key is found however a terminal sends it", () => {
  for (const key of ["\x1c", "\x1b[27;5;92~", "\x1b[92;5u", "\x1b[92;133u", "\x1b[92:124;5:1u"]) {
    const end = key.length;
    assertEquals(find(key), { start: 0, end }, JSON.stringify(key));
    assertEquals(find(`ü${key}d`), { start: 2, end: end + 2 }, JSON.stringify(key));
  }
});

Deno.test("no other key is taken for it", () => {
  const others = [
    "\\",
    "\x1b",
    "\x1b[A",
    "\x1b[27;6;92~",
    "\x1b[92;2u",
    "\x1b[92;5:3u",
    "\x1b[92;5",
  ];
  for (const key of others) assertEquals(find(key), null, JSON.stringify(key));
});
