/** The keys, and the size, of the terminal on which a program's own terminal is shown. */
import { PersistprocError } from "../../protocol/errors.ts";
import type { TerminalSize } from "../../protocol/process.ts";
import { readTerminal, setTerminalSize } from "../../system/run_terminal.ts";
import { findAskKey } from "../terminal/ask_key.ts";
import { ENDING } from "../terminal/ending_signals.ts";
import { Keyboard } from "../terminal/keyboard.ts";
import { inForeground } from "../terminal/question.ts";
import { RawMode } from "../terminal/raw_mode.ts";
import { terminalSize } from "../terminal/size.ts";
import { writeInput } from "../write_input.ts";
import type { TerminalWriter } from "./terminal_writer.ts";

/** Milliseconds for which a program is shown another size, to make it draw anew. */
const REDRAW_MS = 50;

/** What the keys depend on. */
export interface TerminalKeysOptions {
  /** Sends a piece in base64 to the run that is shown. */
  write: (piece: { data: string }) => Promise<unknown>;
  /** Asks what to do with the process; settles when that is known. */
  ask: () => Promise<void>;
  /** Takes what is typed while that is asked, until the keys are left to somebody else. */
  answer: (bytes: Uint8Array) => void;
  /** The directory of the run that is shown. */
  runDirectory: () => string;
  writer: TerminalWriter;
}

/** Hands on every key as it is typed, and the size of the terminal, until it is disposed of. */
export class TerminalKeys implements AsyncDisposable {
  readonly #options: TerminalKeysOptions;
  readonly #raw = new RawMode();
  readonly #keyboard: Keyboard;
  readonly #ready = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<number>();
  #asking = false;
  #resizing: Promise<void> = Promise.resolve();
  readonly #signals: readonly (readonly [Deno.Signal, () => void])[] = [
    ...ENDING.map(([signal, status]) => [signal, () => this.#left.resolve(status)] as const),
    ["SIGWINCH", () => void this.resize()],
    ["SIGCONT", () => void this.#continued().catch(this.#left.reject)],
  ];

  constructor(options: TerminalKeysOptions) {
    this.#options = options;
    for (const [signal, act] of this.#signals) Deno.addSignalListener(signal, act);
    this.#keyboard = new Keyboard({
      readable: () => this.#readable(),
      begin: () => {
        this.#raw.enter();
        this.#ready.resolve();
      },
      take: (bytes, signal) => this.#take(bytes, signal),
      // Only a terminal that is gone has no more keys, which its signal tells.
      end: () => Promise.resolve(),
    });
  }

  /** Resolves when the terminal is as a program expects its own to be, unless somebody else has it. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Settles with an exit status when a signal ends the view; rejects when the terminal cannot be set. */
  get left(): Promise<number> {
    return this.#left.promise;
  }

  /** Rejects when keys could not be taken for a reason that nobody expected. */
  get failed(): Promise<never> {
    return this.#keyboard.failed;
  }

  /** Leaves the keys to somebody else, and the terminal as it was before. */
  async pause(): Promise<void> {
    this.#ready.resolve();
    await this.#keyboard.pause();
    this.#raw.leave();
  }

  /** Takes the keys again. */
  resume(): void {
    this.#keyboard.resume();
    if (this.#options.writer.drawing) void this.redraw();
  }

  /** Gives the program's terminal the size of this one. */
  resize(): Promise<void> {
    return this.#setSize((size) => [size]);
  }

  /** Makes a program draw anew that keeps a picture of its screen. */
  redraw(): Promise<void> {
    return this.#setSize(({ columns, rows }) => [
      { columns, rows: Math.max(1, rows - 1) },
      { columns, rows },
    ]);
  }

  #setSize(sizes: (own: TerminalSize) => TerminalSize[]): Promise<void> {
    this.#resizing = this.#resizing.then(async () => {
      const terminal = await readTerminal(this.#options.runDirectory());
      for (const [i, size] of sizes(terminalSize()).entries()) {
        if (i > 0) await new Promise((resolve) => setTimeout(resolve, REDRAW_MS));
        if (terminal !== null) await setTerminalSize(terminal.device, size);
      }
    }).catch(this.#left.reject);
    return this.#resizing;
  }

  async #readable(): Promise<boolean> {
    const foreground = await inForeground();
    if (!foreground) this.#ready.resolve();
    return foreground;
  }

  /** Whoever stopped us, a shell most likely, has had the terminal meanwhile. */
  async #continued(): Promise<void> {
    if (!await inForeground() || !this.#keyboard.active) return;
    this.#raw.leave();
    this.#raw.enter();
    if (this.#options.writer.drawing) await this.redraw();
  }

  async #take(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    const key = findAskKey(bytes);
    const typed = bytes.subarray(0, key?.start);
    // What is typed right after the key is no longer meant for the program.
    if (this.#asking) this.#options.answer(typed);
    else if (typed.length > 0) await this.#type(typed, signal);
    if (key === null) return;
    this.#asking = true;
    void this.#options.ask().finally(() => this.#asking = false);
    this.#options.answer(bytes.subarray(key.end));
  }

  async #type(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await writeInput(bytes, { write: this.#options.write, signal });
    } catch (error) {
      if (!(error instanceof PersistprocError)) throw error;
      // Between two runs nobody reads: the keys of a terminal are then lost, too.
      if (error.code === "not_running") return;
      await this.#options.writer.note(`what was typed is lost: ${error.message}`);
    }
  }

  /** The terminal is as it was before, and free for the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [signal, act] of this.#signals) Deno.removeSignalListener(signal, act);
    await this.#keyboard[Symbol.asyncDispose]();
    await this.#options.writer.leave().catch(() => {
      // The terminal is gone.
    });
    this.#raw.leave();
  }
}
