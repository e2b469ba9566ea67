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

/** What about a terminal is not as by default. */
export interface TerminalChanges {
  readonly modes: ReadonlySet<string>;
  /** The lines that scroll, or none. */
  readonly region: string;
  readonly keypad: boolean;
  readonly otherKeys: string;
  /** What was asked of the keyboard, the last request being the one that counts. */
  readonly keyboards: readonly string[];
}

const NONE: TerminalChanges = {
  modes: new Set(),
  region: "",
  keypad: false,
  otherKeys: "0",
  keyboards: [],
};

/** Reads the output of a program, and knows how to undo what that does to the terminal. */
export class TerminalModes {
  readonly #decoder = new TextDecoder("latin1");
  #rest = "";
  #changes = NONE;

  /** Whether the program draws on the screen that scrolls nothing away. */
  get otherScreen(): boolean {
    return OTHER_SCREEN.some((mode) => this.#changes.modes.has(mode));
  }

  /** What the program has changed so far, for {@linkcode TerminalModes.set}. */
  get changes(): TerminalChanges {
    return this.#changes;
  }

  /** A sequence whose end the program has not written yet. */
  get begun(): string {
    return this.#rest;
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
    const [, modes, set, region, otherKeys, keyboard, number, keypad, reset, softReset] = match;
    const change = (changes: Partial<TerminalChanges>) =>
      this.#changes = { ...this.#changes, ...changes };
    const { keyboards } = this.#changes;
    if (modes !== undefined) {
      change({ modes: switched(this.#changes.modes, modes.split(";"), set === "h") });
    } else if (region !== undefined) change({ region: /\d/.test(region) ? region : "" });
    else if (keyboard === ">") change({ keyboards: [...keyboards, number ?? ""] });
    else if (keyboard === "<") {
      change({
        keyboards: keyboards.slice(0, Math.max(0, keyboards.length - Number(number || 1))),
      });
    } else if (keypad !== undefined) change({ keypad: keypad === "=" });
    else if (reset !== undefined || softReset !== undefined) this.#changes = NONE;
    else change({ otherKeys: otherKeys ?? "0" });
  }

  /** What makes a terminal like the program's on which only the changes `from` were made. */
  set(from = NONE): string {
    return transition(from, this.#changes);
  }

  /** What makes the terminal as it was before the program; the program is then taken to be gone. */
  undo(): string {
    const text = transition(this.#changes, NONE);
    this.#changes = NONE;
    return text === "" ? "" : `\x1b[0m${text}`;
  }
}

/** The modes that are not as by default after some were set or reset. */
function switched(changed: ReadonlySet<string>, modes: string[], on: boolean): Set<string> {
  const now = new Set(changed);
  for (const mode of modes) {
    if (OFF_BY_DEFAULT.includes(mode) ? on : ON_BY_DEFAULT.includes(mode) && !on) now.add(mode);
    else now.delete(mode);
  }
  return now;
}

/** First what is undone, in the opposite order of what is done: a screen has its own keyboard. */
function transition(from: TerminalChanges, to: TerminalChanges): string {
  const differs = to.keyboards.findIndex((flags, i) => flags !== from.keyboards[i]);
  const same = differs < 0 ? Math.min(from.keyboards.length, to.keyboards.length) : differs;
  const popped = from.keyboards.length - same;
  const back = [...from.modes.difference(to.modes)].map((mode) => switchMode(mode, false));
  const changed = [...to.modes.difference(from.modes)].map((mode) => switchMode(mode, true));
  return [
    from.region !== "" && to.region === "" ? scroll("") : "",
    popped > 0 ? `\x1b[<${popped}u` : "",
    from.otherKeys !== to.otherKeys && to.otherKeys === "0" ? "\x1b[>4m" : "",
    from.keypad && !to.keypad ? "\x1b>" : "",
    ...back,
    ...changed,
    to.keypad && !from.keypad ? "\x1b=" : "",
    from.otherKeys !== to.otherKeys && to.otherKeys !== "0" ? `\x1b[>4;${to.otherKeys}m` : "",
    ...to.keyboards.slice(same).map((flags) => `\x1b[>${flags}u`),
    from.region !== to.region && to.region !== "" ? scroll(to.region) : "",
  ].join("");
}

function switchMode(mode: string, changed: boolean): string {
  return `\x1b[?${mode}${changed !== ON_BY_DEFAULT.includes(mode) ? "h" : "l"}`;
}

/** Setting the region moves the cursor. */
function scroll(region: string): string {
  return `\x1b7\x1b[${region}r\x1b8`;
}
