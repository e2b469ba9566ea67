/** What a program has changed about a terminal, known from what it wrote. (xterm, "Control Sequences") */

/** The private modes that programs change and that the next one does not expect: by default off. */
const OFF_BY_DEFAULT = [
  ...["1", "5", "6", "9", "47", "1047", "1049"],
  ...["1000", "1002", "1003", "1004", "1005", "1006", "1015", "1016", "2004", "2026", "2031"],
];
/** Wrapping and the cursor. */
const ON_BY_DEFAULT = ["7", "25"];

const OTHER_SCREEN = ["47", "1047", "1049"];

const SEQUENCE =
  // deno-lint-ignore no-control-regex
  /\x1b(?:\[\?([\d;]+)([hl])|\[(\d*;?\d*)r|\[>4(?:;(\d+))?m|\[([<>])(\d*)u|([=>])|(c)|\[(!p))/g;

/** No sequence that matters is longer. */
const LONGEST = 64;

/** Reads the output of a program, and knows how to undo what that does to the terminal. */
export class TerminalModes {
  readonly #decoder = new TextDecoder("latin1");
  #rest = "";
  /** Modes that are not as by default. */
  readonly #changed = new Set<string>();
  #region = false;
  #keypad = false;
  #otherKeys = "0";
  #keyboards = 0;

  /** Whether the program draws on the screen that scrolls nothing away. */
  get otherScreen(): boolean {
    return OTHER_SCREEN.some((mode) => this.#changed.has(mode));
  }

  /** Takes what the program has written next. */
  read(bytes: Uint8Array): void {
    const text = this.#rest + this.#decoder.decode(bytes);
    let end = 0;
    for (const match of text.matchAll(SEQUENCE)) {
      this.#apply(match);
      end = match.index + match[0].length;
    }
    // A sequence may go on in the next bytes.
    const begun = text.lastIndexOf("\x1b");
    this.#rest = begun >= end && text.length - begun < LONGEST ? text.slice(begun) : "";
  }

  #apply(match: RegExpMatchArray): void {
    const [, modes, set, region, otherKeys, keyboard, count, keypad, reset, softReset] = match;
    if (modes !== undefined) {
      for (const mode of modes.split(";")) this.#change(mode, set === "h");
    } else if (region !== undefined) this.#region = /\d/.test(region);
    else if (keyboard === ">") this.#keyboards++;
    else if (keyboard === "<") this.#keyboards = Math.max(0, this.#keyboards - Number(count || 1));
    else if (keypad !== undefined) this.#keypad = keypad === "=";
    else if (reset !== undefined || softReset !== undefined) this.#forget();
    else this.#otherKeys = otherKeys ?? "0";
  }

  #change(mode: string, on: boolean): void {
    if (OFF_BY_DEFAULT.includes(mode) ? on : ON_BY_DEFAULT.includes(mode) && !on) {
      this.#changed.add(mode);
    } else this.#changed.delete(mode);
  }

  #forget(): void {
    this.#changed.clear();
    this.#region = this.#keypad = false;
    this.#otherKeys = "0";
    this.#keyboards = 0;
  }

  /** What makes another terminal like the program's. */
  set(): string {
    const modes = [...this.#changed].map((mode) =>
      `\x1b[?${mode}${ON_BY_DEFAULT.includes(mode) ? "l" : "h"}`
    );
    return [
      ...modes,
      this.#keypad ? "\x1b=" : "",
      this.#otherKeys === "0" ? "" : `\x1b[>4;${this.#otherKeys}m`,
    ].join("");
  }

  /** What makes the terminal as it was before the program; the program is then taken to be gone. */
  undo(): string {
    const modes = [...this.#changed].map((mode) =>
      `\x1b[?${mode}${ON_BY_DEFAULT.includes(mode) ? "h" : "l"}`
    );
    const text = [
      // Setting the region moves the cursor.
      this.#region ? "\x1b7\x1b[r\x1b8" : "",
      this.#keyboards > 0 ? `\x1b[<${this.#keyboards}u` : "",
      this.#otherKeys === "0" ? "" : "\x1b[>4m",
      this.#keypad ? "\x1b>" : "",
      ...modes,
    ].join("");
    this.#forget();
    return text === "" ? "" : `\x1b[0m${text}`;
  }
}
