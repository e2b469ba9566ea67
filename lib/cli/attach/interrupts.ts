/** Ctrl+C while a process is shown: stop it, leave it, or stay. */
import { canAsk, type Key, Question } from "../terminal/question.ts";
import type { HoldableWriter } from "./writer.ts";

/** What Ctrl+C does. */
export type OnExit = "ask" | "stop" | "detach";

/** What {@linkcode Interrupts} depends on. */
export interface InterruptsOptions {
  onExit: OnExit;
  /** What the question calls the process. */
  name: () => string;
  /** Stops the process; with `force`, at once. Says itself what went wrong; false when it did. */
  stop: (force: boolean) => Promise<boolean>;
  writer: HoldableWriter;
  note: (message: string) => Promise<void>;
}

/** Signals that end us, and the status that a shell would report. */
const ENDING = [["SIGHUP", 129], ["SIGQUIT", 131], ["SIGTERM", 143]] as const;

type State = "watching" | "asking" | "stopping" | "left";

/** Listens for Ctrl+C until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #options: InterruptsOptions;
  readonly #left = Promise.withResolvers<number>();
  readonly #question = new Question();
  /** The signals of `#whileAsking` are listened to. */
  #asked = false;
  #state: State = "watching";
  readonly #onInterrupt = () => {
    this.#interrupted().catch((error) => this.#left.reject(error));
  };
  // Only while the terminal is raw, to restore it: otherwise the signals act by themselves, and
  // `nohup` works.
  readonly #whileAsking: readonly (readonly [Deno.Signal, () => void])[] = [
    ...ENDING.map(([signal, status]) => [signal, () => this.#left.resolve(status)] as const),
    ["SIGTSTP", () => this.#question.close("")],
  ];

  constructor(options: InterruptsOptions) {
    this.#options = options;
    Deno.addSignalListener("SIGINT", this.#onInterrupt);
  }

  /** Settles with an exit status when the view is left while the process goes on. */
  get left(): Promise<number> {
    return this.#left.promise;
  }

  /** The process has ended by itself: takes an open question back. */
  withdraw(): void {
    if (this.#state === "asking") this.#settle("", "watching");
  }

  async #interrupted(): Promise<void> {
    switch (this.#state) {
      case "asking":
        return await this.#detach();
      case "stopping":
        await this.#options.note("killing it");
        await this.#options.stop(true);
        return;
      case "left":
        return;
      case "watching":
        if (this.#options.onExit === "stop") return await this.#stop();
        this.#state = "asking";
        if (this.#options.onExit === "detach" || !await canAsk()) return await this.#detach();
        if (this.#is("asking")) await this.#ask();
    }
  }

  async #ask(): Promise<void> {
    this.#options.writer.hold();
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
    return this.#question.ask(`\r\n${this.#options.name()}: s stop, d detach, Enter stay? `);
  }

  /** Ctrl+Z: stops us as it stops every program, and asks again when we are back (signal(7)). */
  async #suspend(): Promise<void> {
    this.#question.close("");
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
      await this.#stop();
    }
  }

  /** The question is over: the terminal and the output are as before. */
  #settle(echo: string, state: State): void {
    this.#state = state;
    if (this.#asked) {
      for (const [signal, act] of this.#whileAsking) Deno.removeSignalListener(signal, act);
      this.#asked = false;
    }
    this.#question.close(echo);
    this.#options.writer.release();
  }

  async #stop(): Promise<void> {
    const { stop, note, name, onExit } = this.#options;
    this.#state = "stopping";
    await note(`stopping ${name()}; Ctrl+C again kills it`);
    if (await stop(false)) return;
    this.#state = "watching";
    if (onExit === "stop") this.#left.resolve(1);
  }

  async #detach(echo = ""): Promise<void> {
    this.#settle(echo, "left");
    await this.#options.note(`detached; ${this.#options.name()} keeps running`);
    this.#left.resolve(0);
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#onInterrupt);
    this.#settle("", "left");
  }
}
