/** A command that runs beside the test: its output as it comes, its end when it comes. */
import { until } from "./until.ts";

/** How a child is started. */
export interface ChildOptions {
  command: readonly string[];
  cwd: string;
  /** The complete environment. */
  env: Record<string, string>;
  /** Text for its standard input, which then ends; null leaves it open for `write`. */
  stdin: string | null;
}

/** How a child ended. */
export interface Ended {
  /** Exit status; 128 + n when signal n ended it. */
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** One started command. Disposing of it kills it if it still runs. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  /** How it ended, or null while it runs. */
  ended: Ended | null = null;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #end: Promise<Ended>;
  readonly #command: readonly string[];

  constructor(options: ChildOptions) {
    const [program, ...args] = options.command;
    if (program === undefined) throw new TypeError("an empty command");
    this.#command = options.command;
    this.#process = new Deno.Command(program, {
      args,
      cwd: options.cwd,
      env: options.env,
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#process.pid;
    this.#input = this.#process.stdin.getWriter();
    this.#end = this.#watch();
    if (options.stdin !== null) void this.#feed(options.stdin);
  }

  async #watch(): Promise<Ended> {
    const [status] = await Promise.all([
      this.#process.status,
      collect(this.#process.stdout, (text) => this.stdout += text),
      collect(this.#process.stderr, (text) => this.stderr += text),
    ]);
    await this.closeInput();
    const { code, signal } = status;
    return this.ended = { code, signal, stdout: this.stdout, stderr: this.stderr };
  }

  async #feed(text: string): Promise<void> {
    await this.write(text);
    await this.closeInput();
  }

  /** Writes to its standard input; a child that no longer reads is no error. */
  async write(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text)).catch(ignoreClosed);
  }

  /** Ends its standard input. */
  async closeInput(): Promise<void> {
    await this.#input.close().catch(ignoreClosed);
  }

  /** Sends a signal, unless it has ended. */
  kill(signal: Deno.Signal): void {
    if (this.ended) return;
    try {
      this.#process.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Waits until it has ended and everything it wrote was read. */
  async end(options: { timeout?: number } = {}): Promise<Ended> {
    const timeout = options.timeout ?? 60_000;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const fail = () =>
        reject(new Error(`no end within ${timeout / 1000} s of ${this.describe()}`));
      timer = setTimeout(fail, timeout);
    });
    try {
      return await Promise.race([this.#end, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until a stream holds the text or matches the expression. */
  async waitFor(
    expected: string | RegExp,
    options: { stream?: "stdout" | "stderr"; timeout?: number } = {},
  ): Promise<string> {
    const stream = options.stream ?? "stdout";
    const found = () =>
      typeof expected === "string"
        ? (this[stream].includes(expected) ? expected : null)
        : (expected.exec(this[stream])?.[0] ?? null);
    await until(() => found() !== null || this.ended, {
      what: () => `${expected} on ${stream} of ${this.describe()}`,
      timeout: options.timeout,
    });
    const match = found();
    if (match === null) throw new Error(`${expected} not on ${stream} of ${this.describe()}`);
    return match;
  }

  /** Command, state and output, for the message of a failed test. */
  describe(): string {
    const state = this.ended ? `ended with ${this.ended.signal ?? this.ended.code}` : "running";
    return `${
      this.#command.join(" ")
    } (PID ${this.pid}, ${state})\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }

  /** Kills it if it still runs. Whatever of its own still holds its output is killed by the workspace. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#end;
  }
}

async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  add: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) add(text);
}

/** Writing to or closing a pipe whose reader is gone fails in several ways, none of interest. */
function ignoreClosed(): void {}
