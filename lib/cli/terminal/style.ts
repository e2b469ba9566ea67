/** What a terminal is told beside the text itself. (ECMA-48, "Select Graphic Rendition") */
import type { Stream } from "../../protocol/process.ts";

/** Everything as it is by default. */
export const PLAIN = "\x1b[0m";

const DIM = "\x1b[2m";

/** As `concurrently` and `foreman`: all that can be read on light and on dark, without red. */
const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Whether a terminal says of itself that it only shows text. */
export function isDumb(): boolean {
  return Deno.env.get("TERM") === "dumb";
}

/** Whether our own text on this stream may be dim or colored (no-color.org). */
export function isStyled(stream: Stream): boolean {
  if (!Deno[stream].isTerminal() || Deno.env.get("NO_COLOR")) return false;
  return Deno.env.get("TERM") !== undefined && !isDumb();
}

/** A text that stands back behind others. */
export function dim(text: string): string {
  return DIM + text + PLAIN;
}

/** Colors for names: a name has the same one every time, unless a name before it has taken that. */
export class NameColors {
  readonly #taken = new Map<number, string>();

  /** The name in its color, whatever the text before it has left behind. */
  paint(name: string): string {
    let color = hash(name) % COLORS.length;
    for (let tries = 0; tries < COLORS.length; tries++) {
      if ((this.#taken.get(color) ?? name) === name) break;
      color = (color + 1) % COLORS.length;
    }
    this.#taken.set(color, name);
    return `\x1b[0;${COLORS[color]}m${name}${PLAIN}`;
  }
}

/** FNV-1a, of 32 bits: short names that differ little are far from each other. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}
