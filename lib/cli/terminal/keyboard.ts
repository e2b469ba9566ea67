/** What is typed on the terminal, line by line, for as long as this program is in its foreground. */
import { NEWLINE } from "../../logs/lines.ts";

/**
 * Reads by a program that can be taken back: a read of our own could not be, and would stop us as
 * soon as we are in the background (SIGTTIN, termios(3)). This one does not stop there, but fails
 * (EIO), which tells where we are. Its standard input is a pipe of ours: when that closes, however we
 * end, it takes no more keys from whoever has the terminal next.
 */
const READER = `
trap '' INT QUIT TTIN
cat </dev/tty &
exec >&-
read -r _ || kill -9 $!
wait $!
`;

/** Milliseconds between two tries in the background: nothing tells of a shell's `fg`. */
const LOOK_MS = 2_000;

/** What becomes of the lines. */
export interface KeyboardOptions {
  /** Whether the terminal can be read from now; asked anew after some time, if not. */
  readable?: () => Promise<boolean>;
  /** Called right before it is read from. */
  begin?: () => void;
  /** Takes what was typed; nothing more is read before it is done, or the signal says to give up. */
  take: (bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal) => Promise<void>;
  /** Ctrl+D was typed on an empty line. */
  end: () => Promise<void>;
}

/** Reads lines until it is disposed of. Whoever else wants the keys meanwhile lets it pause. */
export class Keyboard implements AsyncDisposable {
  readonly #options: KeyboardOptions;
  readonly #failed = Promise.withResolvers<never>();
  #reader: Deno.ChildProcess | null = null;
  #paused: PromiseWithResolvers<void> | null = null;
  readonly #closing = new AbortController();
  #wake: () => void = () => {};

  constructor(options: KeyboardOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {});
    this.#read().catch(this.#failed.reject);
  }

  /** Rejects when lines could not be taken for a reason that nobody expected. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Whether the keys are ours: nobody else has asked for them, and the terminal was not left. */
  get active(): boolean {
    return this.#paused === null && !this.#closing.signal.aborted;
  }

  /** Leaves the keys to somebody else; resolves when no more of them is read. */
  async pause(): Promise<void> {
    this.#paused ??= Promise.withResolvers();
    await this.#end();
  }

  /** Reads again. */
  resume(): void {
    this.#paused?.resolve();
    this.#paused = null;
  }

  async #read(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      while (this.#paused) await this.#paused.promise;
      if (signal.aborted || !Deno.stdin.isTerminal()) return;
      if (await this.#options.readable?.() === false) {
        await this.#wait();
        continue;
      }
      if (!this.active) continue;
      this.#options.begin?.();
      const { success } = await this.#lines(signal);
      if (!this.active) continue;
      if (success) await this.#options.end();
      else await this.#wait();
    }
  }

  /** Hands on what one reader reads. */
  async #lines(signal: AbortSignal): Promise<Deno.CommandStatus> {
    const reader = this.#reader = new Deno.Command("sh", {
      args: ["-c", READER],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    for await (const bytes of reader.stdout) {
      if (!signal.aborted) await this.#options.take(bytes, signal);
    }
    await letEnd(reader);
    await this.#end();
    return await reader.status;
  }

  async #end(): Promise<void> {
    this.#wake();
    const reader = this.#reader;
    if (reader === null) return;
    await reader.stdin.close().catch(() => {
      // It has just ended, or is being ended.
    });
    await reader.status;
    if (this.#reader === reader) this.#reader = null;
  }

  /** Until it is worth another try. */
  async #wait(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, LOOK_MS);
    });
    clearTimeout(timer);
  }

  /** Reads no more; the terminal is free for the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.resume();
    await this.#end();
  }
}

/** Of a reader that has read the last key: killed while it ends, it could not say how it did. */
async function letEnd(reader: Deno.ChildProcess): Promise<void> {
  const writer = reader.stdin.getWriter();
  await writer.write(new Uint8Array([NEWLINE])).catch(() => {
    // It has ended, or is being ended.
  });
  writer.releaseLock();
}
