/** What a reader of the event stream has yet to be told: bounded, however slowly it reads. */
import type { ProcessEvent } from "../protocol/requests.ts";

/** A viewer that is this many runs of one process behind misses the oldest of them. */
const MAX_RUNS_PER_PROCESS = 16;

/**
 * Keeps the latest state of every *run*, not of every process: how a run ended is told even when
 * the next one has begun meanwhile.
 */
export class EventQueue {
  readonly #latest = new Map<string, ProcessEvent>();

  get empty(): boolean {
    return this.#latest.size === 0;
  }

  /** Replaces what was to be told about the same run, and moves it to the end. */
  push(event: ProcessEvent): void {
    const { process, run } = event.process;
    this.#latest.delete(run);
    this.#latest.set(run, event);
    const runs = [...this.#latest.values()].filter((other) => other.process.process === process);
    if (runs.length > MAX_RUNS_PER_PROCESS && runs[0]) this.#latest.delete(runs[0].process.run);
  }

  /** Everything that is to be told, oldest first, and forgets it. */
  take(): ProcessEvent[] {
    const events = [...this.#latest.values()];
    this.#latest.clear();
    return events;
  }
}
