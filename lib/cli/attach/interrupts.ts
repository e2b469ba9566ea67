/** Ctrl+C while a process is shown: stop it, leave it, or stay. */
import { shortLabel } from "../../logs/labels.ts";
import { within } from "../../system/within.ts";
import { ENDING } from "../terminal/ending_signals.ts";
import type { Keyboard } from "../terminal/keyboard.ts";
import { canAsk, type Key, Question } from "../terminal/question.ts";
import { terminalSize } from "../terminal/size.ts";
import { questionLine } from "./question_line.ts";
import type { HoldableWriter } from "./writer.ts";

/** What Ctrl+C does. */
export type OnExit = "ask" | "stop" | "detach";

/** What {@linkcode Interrupts} depends on. */
export interface InterruptsOptions {
  onExit: OnExit;
  /** The process as it is now. */
  process: () => { label: string; pid: number | null };
  /** Stops the process; with `force`, at once. Says itself what went wrong; false when it did. */
  stop: (force: boolean) => Promise<boolean>;
  writer: HoldableWriter;
  /** The key by which it is asked. */
  key: string;
  /** Whoever else reads the keys of the terminal. */
  keyboard: Pick<Keyboard, "pause" | "resume"> | null;
  /** Milliseconds on a clock that never goes back. */
  now?: () => number;
}

/** Milliseconds in which a kill is answered; whoever presses the key after that may leave. */
const KILL_MS = 1_000;

/** Milliseconds for the answer to a key to be read: a full pipe never takes it. */
const ANSWER_MS = 1_000;

type State = "watching" | "asking" | "stopping" | "killing" | "left";

/** Does what Ctrl+C does until it is disposed of; then nothing. */
export class Interrupts implements Disposable {
  readonly #options: InterruptsOptions;
  readonly #left = Promise.withResolvers<number>();
  readonly #question = new Question();
  /** The signals of `#whileAsking` are listened to. */
  #asked = false;
  #state: State = "watching";
  readonly #now: () => number;
  #killedAt = 0;
  // Only while the terminal is raw, to restore it: otherwise the signals act by themselves, and
  // `nohup` works.
  readonly #whileAsking: readonly (readonly [Deno.Signal, () => void])[] = [
    ...ENDING.map(([signal, status]) => [signal, () => this.#left.resolve(status)] as const),
    ["SIGTSTP", () => this.#question.close("")],
    ["SIGWINCH", () => this.#question.redraw(this.#text())],
  ];

  constructor(options: InterruptsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Settles with an exit status when the view is left while the process goes on. */
  get left(): Promise<number> {
    return this.#left.promise;
  }

  /** Asks, or does, what Ctrl+C does; settles when that is over. */
  async interrupt(): Promise<void> {
    await this.#interrupted().catch((error) => this.#left.reject(error));
  }

  /** Takes what was typed after the key by which it is asked; it is lost when nothing is. */
  type(bytes: Uint8Array): void {
    if (this.#state === "asking" && bytes.length > 0) this.#question.type(bytes);
  }

  /** The process has ended by itself: takes an open question back. */
  withdraw(): void {
    if (this.#state === "asking") this.#settle("", "watching");
  }

  async #interrupted(): Promise<void> {
    // The terminal shows the key itself.
    this.#options.writer.typed(true);
    switch (this.#state) {
      case "asking":
        return await this.#detach();
      case "stopping":
        this.#killedAt = this.#now();
        return await this.#stop("killing");
      case "killing":
        if (this.#now() - this.#killedAt >= KILL_MS) await this.#giveUp();
        return;
      case "left":
        return;
      case "watching": {
        if (this.#options.onExit === "stop") return await this.#stop("stopping");
        this.#state = "asking";
        const answerable = this.#options.onExit === "ask" && await canAsk();
        // The next Ctrl+C may have been faster; it also ends the `ps` that looks.
        if (!this.#is("asking")) return;
        await (answerable ? this.#ask() : this.#detach());
      }
    }
  }

  async #ask(): Promise<void> {
    const { writer, keyboard } = this.#options;
    await Promise.all([writer.hold(), keyboard?.pause()]);
    if (!this.#is("asking")) return;
    for (const [signal, act] of this.#whileAsking) Deno.addSignalListener(signal, act);
    this.#asked = true;
    await this.#put();
    while (this.#is("asking")) {
      const key = await this.#question.key();
      if (!this.#is("asking")) return;
      // Only SIGTSTP closes it without changing the state.
      if (key === "suspend" || !this.#question.open) await this.#suspend();
      else await this.#answer(key);
    }
  }

  /** Every wait may change the state, which the narrowing of types does not know. */
  #is(state: State): boolean {
    return this.#state === state;
  }

  #put(): Promise<void> {
    return this.#question.ask(`\r\n${this.#text()}`);
  }

  #text(): string {
    return questionLine(this.#options.process(), terminalSize().columns);
  }

  /** Ctrl+Z: stops us as it stops every program, and asks again when we are back (signal(7)). */
  async #suspend(): Promise<void> {
    await this.#question.close("");
    Deno.kill(Deno.pid, "SIGSTOP");
    const answerable = await canAsk();
    if (!this.#is("asking")) return;
    // In the background nobody can answer: the output goes on.
    if (answerable) await this.#put();
    else this.#settle("", "watching");
  }

  async #answer(key: Key): Promise<void> {
    if (key === "interrupt" || key === "end") return await this.#detach();
    if (key === "enter") {
      this.#settle("", "watching");
    } else if (typeof key === "object" && key.letter === "d") {
      await this.#detach("d");
    } else if (typeof key === "object" && (key.letter === "s" || key.letter === "y")) {
      this.#settle("s", "stopping");
      await this.#stop("stopping");
    }
  }

  /** The question is over: the terminal and the output are as before. */
  #settle(echo: string, state: State): void {
    this.#state = state;
    if (this.#asked) {
      for (const [signal, act] of this.#whileAsking) Deno.removeSignalListener(signal, act);
      this.#asked = false;
    }
    const { writer, keyboard } = this.#options;
    if (state !== "left") keyboard?.resume();
    if (this.#question.open) writer.typed(false);
    void this.#question.close(echo).then(() => writer.release());
  }

  async #stop(state: "stopping" | "killing"): Promise<void> {
    const { stop, onExit, key } = this.#options;
    this.#state = state;
    const killing = state === "killing";
    const [stopped] = await Promise.all([
      stop(killing),
      this.#answerKey(killing ? "killing it" : `stopping ${this.#name()}; ${key} again kills it`),
    ]);
    if (stopped || !this.#is(state)) return;
    this.#state = "watching";
    if (onExit === "stop") this.#left.resolve(1);
  }

  /** The server does not answer: it hangs, or the kernel holds what it has killed. */
  async #giveUp(): Promise<void> {
    this.#settle("", "left");
    await this.#answerKey(`no answer; whether ${this.#name()} still runs: persistproc list`);
    this.#left.resolve(1);
  }

  async #detach(echo = ""): Promise<void> {
    const closed = this.#options.writer.close();
    this.#settle(echo, "left");
    const { pid } = this.#options.process();
    await this.#answerKey(
      `detached; ${this.#name()} keeps running; to end it: persistproc stop ${pid}`,
      closed,
    );
    this.#left.resolve(0);
  }

  /** @param after What a terminal shows before that. */
  async #answerKey(message: string, after: Promise<void> = Promise.resolve()): Promise<void> {
    const answered = after.then(() => this.#options.writer.note(message, { atOnce: true }));
    await within(answered, ANSWER_MS);
  }

  #name(): string {
    const { label, pid } = this.#options.process();
    return `${shortLabel(label)} (PID ${pid})`;
  }

  [Symbol.dispose](): void {
    this.#settle("", "left");
  }
}
