/** Processes whose records could not be written down, until they can. */
import { explainDiskFull } from "../system/disk_full.ts";
import type { ManagedProcess } from "./registry.ts";

/** Remembers what is still to be written down, and says once that it is so, and once that it is over. */
export class Unsaved {
  readonly #report: (message: string) => void;
  readonly #processes = new Set<ManagedProcess>();
  #said = false;

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  /** Whether this process is in another state than its record on disk says. */
  has(process: ManagedProcess): boolean {
    return this.#processes.has(process);
  }

  /** All of them. */
  all(): ManagedProcess[] {
    return [...this.#processes];
  }

  /** The record of a process could not be written. */
  add(process: ManagedProcess, error: unknown): void {
    this.#processes.add(process);
    if (this.#said) return;
    this.#said = true;
    const cause = explainDiskFull(error, "the state of processes");
    const why = cause instanceof Error ? cause.message : String(cause);
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
