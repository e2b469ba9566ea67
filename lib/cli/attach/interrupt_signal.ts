/** SIGINT, from before there is a view that acts on it until this command has ended. */
import { PersistprocError } from "../../protocol/errors.ts";

/** Milliseconds until whoever pressed the key hears what is waited for. */
const PATIENCE_MS = 1_000;

/** What {@linkcode InterruptSignal} depends on. */
export interface InterruptSignalOptions {
  /** Told once, when the key was pressed and what it is meant for is still not there. */
  onWaiting: () => Promise<void>;
}

/** Keeps Ctrl+C until somebody can act on it. */
export class InterruptSignal {
  readonly #options: InterruptSignalOptions;
  readonly #givenUp = Promise.withResolvers<never>();
  #act = () => this.#wait();
  #patience: ReturnType<typeof setTimeout> | undefined;
  #pressed = false;

  constructor(options: InterruptSignalOptions) {
    this.#options = options;
    this.#givenUp.promise.catch(() => {});
  }

  /**
   * The signal no longer ends this command, and never will: whoever was told how the command ends is
   * not to see it end in another way because of a key too many.
   */
  listen(): void {
    Deno.addSignalListener("SIGINT", () => this.#act());
  }

  /** Rejects when the key is pressed again by somebody who was told what is waited for. */
  get givenUp(): Promise<never> {
    return this.#givenUp.promise;
  }

  /** Acts at each signal from now on; at once, if there was one before. */
  onSignal(act: () => void): void {
    clearTimeout(this.#patience);
    this.#act = act;
    if (this.#pressed) act();
  }

  #wait(): void {
    if (this.#pressed) return;
    this.#pressed = true;
    this.#patience = setTimeout(() => {
      this.#act = () => this.#giveUp();
      void this.#options.onWaiting();
    }, PATIENCE_MS);
  }

  #giveUp(): void {
    this.#givenUp.reject(
      new PersistprocError(
        "server_unreachable",
        "The server was asked to start it, and has not answered yet.",
        { hint: "See whether it runs: persistproc list" },
      ),
    );
  }
}
