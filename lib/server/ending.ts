/** When and why a server ends: a signal, a request to shut down, or that nobody can reach it. */
import { DEFAULT_GRACE_SECONDS } from "../protocol/limits.ts";

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Why a server ends, and whether its processes stay. */
export interface End {
  by: "shutdown" | "lost port" | (typeof END_SIGNALS)[number];
  keep: boolean;
}

const MOST_NAMED = 5;

/**
 * Why a server ends, and what it waits for: one line.
 *
 * @param running The labels of what runs.
 */
export function describeEnd({ by, keep }: End, running: readonly string[]): string {
  if (running.length === 0) return `ending: ${by}`;
  if (keep) return `ending: ${by}, processes keep running`;
  const more = running.length - MOST_NAMED;
  const labels = running.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return `ending: ${by}, waiting up to ${DEFAULT_GRACE_SECONDS} s for ${labels}` +
    (by === "SIGINT" ? "; Ctrl+C again kills what is left" : "");
}

/** Where signals come from: Deno, unless a test sends them. */
export interface SignalSource {
  addSignalListener(signal: Deno.Signal, listener: () => void): void;
  removeSignalListener(signal: Deno.Signal, listener: () => void): void;
}

/** Waits for the first reason to end; listens for signals until disposed of. */
export class Ending implements Disposable {
  readonly #first = Promise.withResolvers<End>();
  readonly #source: SignalSource;
  readonly #listeners: [(typeof END_SIGNALS)[number], () => void][];
  #hasBegun = false;
  readonly #abandoned = Promise.withResolvers<void>();
  #hurry = () => {};
  #presses = 0;

  /** @param keepOnSignal Whether a signal leaves the processes running. */
  constructor(keepOnSignal: boolean, source: SignalSource = Deno) {
    this.#source = source;
    this.#listeners = END_SIGNALS.map((signal) => [signal, () => {
      if (this.#hasBegun && signal === "SIGINT") this.#pressAgain();
      this.#end({ by: signal, keep: keepOnSignal });
    }]);
    for (const [signal, listener] of this.#listeners) source.addSignalListener(signal, listener);
  }

  /** Whether there has been a reason to end. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Settles with the first reason; later ones change nothing. */
  get begun(): Promise<End> {
    return this.#first.promise;
  }

  /** Ends the server once an answer has been sent, or can not be sent any more. */
  afterAnswer(keep: boolean, answered: Promise<unknown>): void {
    const end = () => this.#end({ by: "shutdown", keep });
    answered.then(end, end);
  }

  /** Ends a server that nobody can reach any more; the next one takes its processes over. */
  afterLoss(lost: Promise<void>): void {
    lost.then(() => this.#end({ by: "lost port", keep: true }));
  }

  /** What to do when somebody presses Ctrl+C again, or has done so already. */
  onImpatience(act: () => void): void {
    this.#hurry = act;
    if (this.#presses > 0) act();
  }

  /** Settles when somebody presses Ctrl+C even after that. */
  get abandoned(): Promise<void> {
    return this.#abandoned.promise;
  }

  #pressAgain(): void {
    this.#presses++;
    if (this.#presses === 1) this.#hurry();
    else this.#abandoned.resolve();
  }

  #end(end: End): void {
    this.#hasBegun = true;
    this.#first.resolve(end);
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) {
      this.#source.removeSignalListener(signal, listener);
    }
  }
}
