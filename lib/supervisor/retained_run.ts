/** What keeping its logs within limits needs to know of a run. */

/** One run whose logs are kept within limits. */
export interface RetainedRun {
  directory: string;
  /** What the process is called. */
  label: string;
  /** When it ended and left nobody behind, in milliseconds since the epoch; null while it runs. */
  endedAt(): number | null;
  /**
   * Its process group, when that may be stopped for a moment; `busy` when somebody else is about to
   * signal it; null when nobody of it is left.
   */
  freezableGroup(): Promise<number | "busy" | null>;
  /** Whoever wants to signal the group has to wait for this. */
  holdSignals(until: Promise<unknown>): void;
}
