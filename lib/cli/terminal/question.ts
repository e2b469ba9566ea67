/** One question on the terminal, answered by one key. */
import { askProgram } from "../../system/ask.ts";
import { isDumb } from "./style.ts";
import { writeBytes } from "./write.ts";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_Z = 0x1a;

const LINE_START = "\r";
const ERASE_BELOW = "\x1b[J";

/** What was answered: a letter in lower case, or one of the keys with a meaning. */
export type Key = "enter" | "interrupt" | "end" | "suspend" | { letter: string };

/** Services that run programs for nobody to watch say so, even where they give them a terminal. */
function isWatched(): boolean {
  const ci = Deno.env.get("CI") ?? "";
  return (ci === "" || ci === "false" || ci === "0") && !isDumb();
}

/**
 * Whether there is somebody to ask: a terminal for keys and one to show the question on, and this
 * program is in its foreground. (Reading a terminal from the background would stop us: SIGTTIN,
 * termios(3).)
 */
export async function canAsk(): Promise<boolean> {
  if (!isWatched()) return false;
  if (!Deno.stdin.isTerminal()) return false;
  if (!Deno.stderr.isTerminal() && !Deno.stdout.isTerminal()) return false;
  return await inForeground();
}

/** Whether this program is in the foreground of its terminal, as far as there is a `ps` to tell. */
export async function inForeground(): Promise<boolean> {
  const columns = ["-o", "pgid=", "-o", "tpgid="];
  const groups = await askProgram("ps", [...columns, "-p", String(Deno.pid)]);
  const [group, foreground] = (groups ?? "").trim().split(/\s+/);
  return group !== "" && group === foreground;
}

/** A question on the terminal, which is raw as long as the question is open. */
export class Question {
  #open = false;
  #reader: Deno.ChildProcess | null = null;
  readonly #typed: Uint8Array[] = [];

  /** Whether it has been asked and not closed yet. */
  get open(): boolean {
    return this.#open;
  }

  /** Shows the question; the keys come by {@linkcode Question.key}. */
  async ask(text: string): Promise<void> {
    Deno.stdin.setRaw(true);
    this.#open = true;
    await show(text);
  }

  /** Shows the question anew where the terminal has another size now. */
  async redraw(text: string): Promise<void> {
    if (this.#open) await show(LINE_START + ERASE_BELOW + text);
  }

  /** Answers by what somebody else has read from the terminal. */
  type(bytes: Uint8Array): void {
    this.#typed.push(bytes);
    this.#stopReading();
  }

  /** The next key with a meaning; `end` when the terminal is gone or the question was closed. */
  async key(): Promise<Key> {
    while (this.#open) {
      const bytes = this.#typed.shift() ?? await this.#read();
      // The reading was stopped for what had been read before.
      if (bytes.length === 0 && this.#typed.length > 0) continue;
      const [code] = bytes;
      if (code === undefined || code === CTRL_D) return "end";
      if (code === CTRL_C) return "interrupt";
      if (code === CTRL_Z) return "suspend";
      if (code === 0x0a || code === 0x0d) return "enter";
      // Enter may come along with a letter. Anything longer is an arrow key or pasted text, no answer.
      const letter = /^([a-z])[\r\n]*$/.exec(new TextDecoder().decode(bytes).toLowerCase())?.[1];
      if (letter !== undefined) return { letter };
    }
    return "end";
  }

  /**
   * Reads by a program that can be killed: a read of our own could not be taken back, and would stop
   * us (SIGTTIN) as soon as we are continued in the background.
   */
  async #read(): Promise<Uint8Array> {
    try {
      this.#reader = new Deno.Command("dd", {
        args: ["bs=64", "count=1"],
        stdin: "inherit",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      return (await this.#reader.output()).stdout;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Uint8Array();
      throw error;
    } finally {
      this.#reader = null;
    }
  }

  /** Gives the terminal back as it was, and ends the line of the question with what was answered. */
  async close(answer: string): Promise<void> {
    this.#typed.length = 0;
    if (!this.#open) return;
    this.#open = false;
    this.#stopReading();
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone: nothing is left to restore.
    }
    await show(`${answer}\n`);
  }

  #stopReading(): void {
    try {
      this.#reader?.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

/** As it is: a raw terminal needs its carriage returns. */
async function show(text: string): Promise<void> {
  const stream = Deno.stderr.isTerminal() ? "stderr" : "stdout";
  await writeBytes(stream, new TextEncoder().encode(text)).catch(() => {
    // The terminal is gone, which the next key tells.
  });
}
