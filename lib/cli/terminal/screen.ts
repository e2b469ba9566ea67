/** A screen of its own on the terminal, which is gone when it is left. (xterm, "Control Sequences") */
import { printRaw } from "./write.ts";

/** The alternate screen, and no cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** Terminals that know this show everything between the two at once; others ignore it. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const HOME = "\x1b[H";
const ERASE_TO_LINE_END = "\x1b[K";
const ERASE_BELOW = "\x1b[J";

/** Draws over what it drew before, so that nothing flickers. */
export class Screen {
  #entered = false;

  /** Enters the screen, with keys neither shown nor left for whoever reads the terminal next. */
  async enter(): Promise<void> {
    if (this.#entered) return;
    this.#entered = true;
    // Signals stay: Ctrl+C and Ctrl+Z work as ever.
    if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(true, { cbreak: true });
    await printRaw(ENTER);
  }

  /** Shows these lines, none longer than the terminal is wide, no more than it has rows. */
  async draw(lines: readonly string[]): Promise<void> {
    if (!this.#entered) return;
    const text = lines.map((line) => line + ERASE_TO_LINE_END).join("\r\n");
    await printRaw(BEGIN_UPDATE + HOME + text + ERASE_BELOW + END_UPDATE);
  }

  /** Gives the terminal back as it was. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    this.#entered = false;
    try {
      if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
      await printRaw(LEAVE);
    } catch {
      // The terminal is gone: nothing is left to restore.
    }
  }
}
