/** Who is told of changes, and what a process is to them. */
import type { LocatedProcess } from "../protocol/process.ts";
import type { ProcessEvent } from "../protocol/requests.ts";
import type { Core } from "./core.ts";
import { describeProcess } from "./info.ts";
import { currentRun, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";

/** Called with the state of a process after a change. */
export type Tell = (event: ProcessEvent) => void;

/** A process as its users see it, of its current run unless another is named. */
export function describe(core: Core, process: ManagedProcess, run?: RunRecord): LocatedProcess {
  const { record, leftBehind, members } = process;
  return describeProcess(record, {
    processes: core.store.directory,
    now: core.clock.now(),
    run,
    leftBehind: leftBehind ? [...members.values()] : [],
  });
}

/** A process as an event tells it now. */
export function eventOf(core: Core, process: ManagedProcess): ProcessEvent {
  const run = currentRun(process.record);
  return {
    process: describe(core, process),
    restarting: process.startExpected,
    by: run.stop?.by ?? (run.status === "running" ? run.started_by : null),
    cause: run.reason,
    remark: run.remark,
  };
}

/** Tells subscribers. */
export class Announcements {
  readonly #listeners = new Set<{ process: string | null; tell: Tell }>();

  /** Calls `tell` after each change of a process, or of any when none is named. */
  subscribe(process: string | null, tell: Tell): () => void {
    const listener = { process, tell };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells of a change. */
  announce(event: ProcessEvent): void {
    for (const { process, tell } of this.#listeners) {
      if (process === null || process === event.process.process) tell(event);
    }
  }
}
