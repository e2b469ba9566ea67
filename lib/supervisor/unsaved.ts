/** Processes whose records could not be written down, until they can. */
import { explainStorage } from "../system/storage_failure.ts";
import type { ManagedProcess } from "./registry.ts";

/** Remembers what is still to be written down, and says once that it is so, and once that it is over. */
export class Unsaved {
  readonly #report: (message: string) => void;
  /** Why each could not be written the last time. */
  readonly #processes = new Map<ManagedProcess, string>();
  #said = false;

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  /** Whether this process is in another state than its record on disk says. */
  has(process: ManagedProcess): boolean {
    return this.#processes.has(process);
  }

  /** Why the record of this process could not be written; null when it is. */
  why(process: ManagedProcess): string | null {
    return this.#processes.get(process) ?? null;
  }

  /** All of them. */
  all(): ManagedProcess[] {
    return [...this.#processes.keys()];
  }

  /** The record of a process could not be written. */
  add(process: ManagedProcess, error: unknown): void {
    const cause = explainStorage(error, "the state of processes");
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#processes.set(process, why);
    if (this.#said) return;
    this.#said = true;
    this.#report(
      `${why} What runs goes on; the state of processes is kept until it can be written.`,
    );
  }

  /** The record of a process was written, or is not wanted any more. */
  delete(process: ManagedProcess): void {
    this.#processes.delete(process);
    if (!this.#said || this.#processes.size > 0) return;
    this.#said = false;
    this.#report("Everything is written down again.");
  }
}
