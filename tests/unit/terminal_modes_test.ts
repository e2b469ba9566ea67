import { assertEquals } from "@std/assert";
import { TerminalModes } from "../../lib/cli/terminal/modes.ts";

function after(...pieces: string[]): TerminalModes {
  const modes = new TerminalModes();
  for (const piece of pieces) modes.read(new TextEncoder().encode(piece));
  return modes;
}

Deno.test("what a program has switched on or off is undone, and nothing else", () => {
  assertEquals(after("plain \x1b[31mred\x1b[K text\r\n").undo(), "");
  assertEquals(after("\x1b[?25l").undo(), "\x1b[0m\x1b[?25h");
  assertEquals(
    after("\x1b[?1049h\x1b[?1002;1006h").undo(),
    "\x1b[0m\x1b[?1049l\x1b[?1002l\x1b[?1006l",
  );
  assertEquals(after("\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l").undo(), "");
  assertEquals(
    after("\x1b=\x1b[>4;2m\x1b[>1u\x1b[5;20r").undo(),
    "\x1b[0m\x1b7\x1b[r\x1b8\x1b[<1u\x1b[>4m\x1b>",
  );
  assertEquals(after("\x1b[?1049h\x1b=\x1b[5;20r", "\x1bc").undo(), "");
  // What nobody knows is not touched, such as 8-bit keys, which terminals have on.
  assertEquals(after("\x1b[?1034h\x1b[?12l").undo(), "");
});

Deno.test("a sequence may be cut anywhere", () => {
  const text = "a\x1b[?2004hb\x1b[?1;25lc";
  for (let at = 0; at <= text.length; at++) {
    assertEquals(after(text.slice(0, at), text.slice(at)).undo(), after(text).undo(), String(at));
  }
  assertEquals(after(...text).undo(), after(text).undo());
});

Deno.test("another terminal is made like the program's, then as it was before", () => {
  const modes = after("\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b=");
  assertEquals(modes.otherScreen, true);
  assertEquals(modes.set(), "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b=");
  const { changes } = modes;
  modes.read(new TextEncoder().encode("\x1b[?25h\x1b[>1u\x1b[>5u\x1b[5;20r\x1b[?10"));
  assertEquals(modes.set(changes), "\x1b[?25h\x1b[>1u\x1b[>5u\x1b7\x1b[5;20r\x1b8");
  assertEquals(modes.begun, "\x1b[?10");
  const { changes: later } = modes;
  modes.read(new TextEncoder().encode("49l\x1b[<u\x1b[<0u\x1b[>7u\x1b[r\x1b>"));
  assertEquals(modes.set(later), "\x1b7\x1b[r\x1b8\x1b[<1u\x1b>\x1b[?1049l\x1b[>7u");
  modes.undo();
  assertEquals([modes.otherScreen, modes.set(), modes.undo()], [false, "", ""]);
});
