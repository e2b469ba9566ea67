/** A line as it would look on a terminal, as plain text. */
import { readSequence } from "./escapes.ts";

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;

/** How far to the right a sequence moves the cursor behind the end of a line, at most: columns. */
const WIDTH = 200;

// A byte order mark is a character like others: it is not for this to remove it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of raw bytes; what is not UTF-8 becomes U+FFFD. */
export function decodeLine(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * One line without its newline, free of control characters except tabs: escape sequences removed,
 * `\r`, `\b` and the sequences that move within a line or erase parts of it applied.
 */
export function cleanLine(line: Uint8Array | string): string {
  const text = typeof line === "string" ? line : decodeLine(line);
  if (!CONTROL.test(text)) return text;

  const screen = new ScreenLine();
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 0x1b || (code >= 0x80 && code <= 0x9f)) {
      const { end, final, parameters } = readSequence(text, at);
      screen.apply(final, parameters);
      at = end;
      continue;
    }
    if (code === 0x0d) screen.column = 0;
    else if (code === 0x08) screen.column = Math.max(0, screen.column - 1);
    else if (code === 0x09 || (code >= 0x20 && code !== 0x7f)) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? code);
      screen.write(character);
      at += character.length;
      continue;
    }
    at++;
  }
  return screen.toString();
}

/** One line of a terminal, of characters that are all one column wide. */
class ScreenLine {
  readonly #cells: string[] = [];
  #moved = false;
  #column = 0;

  get column(): number {
    return this.#column;
  }

  set column(column: number) {
    this.#moved = true;
    this.#column = column;
  }

  write(character: string): void {
    while (this.#cells.length < this.#column) this.#cells.push(" ");
    this.#cells[this.#column++] = character;
  }

  /** Applies a CSI sequence: C and D move, G goes to a column, K erases; others do nothing here. */
  apply(final: string, parameters: string): void {
    const number = /^\d*$/.test(parameters) ? Number(parameters) : NaN;
    if (final === "" || Number.isNaN(number)) return;
    const rightmost = Math.max(this.#cells.length, WIDTH);
    if (final === "C") this.column = Math.min(this.#column + (number || 1), rightmost);
    else if (final === "D") this.column = Math.max(this.#column - (number || 1), 0);
    else if (final === "G") this.column = Math.min((number || 1) - 1, rightmost);
    else if (final === "K") this.#erase(number);
  }

  #erase(which: number): void {
    this.#moved = true;
    if (which === 0) this.#cells.length = Math.min(this.#cells.length, this.#column);
    else if (which === 1) this.#cells.fill(" ", 0, this.#column + 1);
    else if (which === 2) this.#cells.length = 0;
  }

  toString(): string {
    const text = this.#cells.join("");
    // Spaces that only wiped out what stood there are nobody's output.
    return this.#moved ? text.replace(/ +$/, "") : text;
  }
}
