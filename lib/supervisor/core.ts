/** What the operations on processes work with: given from outside, so that tests can replace it. */
import type { LogRecorder } from "../logs/recorder.ts";
import type { Listener } from "../system/listeners.ts";
import type { ProcessTable } from "../system/process_table.ts";
import type { Signals } from "../system/signals.ts";
import type { Spawner } from "./keeper.ts";
import type { MemberScanner } from "./membership.ts";
import type { RunRecord } from "./record.ts";
import type { ManagedProcess, Registry } from "./registry.ts";
import type { Retention } from "./retention.ts";
import type { ProcessStore } from "./store.ts";
import type { Unsaved } from "./unsaved.ts";

/** The clock of the supervisor, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Resolves after a time. */
  after(milliseconds: number): Promise<void>;
}

/** The clock of this system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * Writes a process down. A disk that is full must not undo what has happened: that is reported, and
 * tried again until there is room.
 */
export async function persist(core: Core, process: ManagedProcess): Promise<void> {
  const forgotten = () => core.registry.get(process.record.id) !== process;
  if (forgotten()) return;
  try {
    await core.store.save(process.record);
    core.unsaved.delete(process);
  } catch (error) {
    if (!forgotten()) core.unsaved.add(process, error);
  }
}

/** Everything an operation may touch. */
export interface Core {
  readonly registry: Registry;
  readonly store: ProcessStore;
  readonly unsaved: Unsaved;
  readonly recorder: LogRecorder;
  readonly retention: Retention;
  readonly signals: Signals;
  readonly table: ProcessTable;
  readonly members: MemberScanner;
  /** Who listens on which port, at some moment after the call. */
  readonly listeners: () => Promise<Listener[]>;
  /** Who holds the port that a run which failed complains about; null when it is not that. */
  readonly explainEnd: (process: ManagedProcess, run: RunRecord) => Promise<string | null>;
  readonly spawn: Spawner;
  readonly clock: Clock;
  /** The current boot of the machine. */
  readonly boot: string;
  /** How many processes may run at a time. */
  readonly maxProcesses: number;
  /** The environment of the server. */
  readonly environment: Readonly<Record<string, string>>;
  /** Says what a person should know, in the server's log. */
  readonly report: (message: string) => void;
  /** Tells subscribers that a process has changed. */
  readonly changed: (process: ManagedProcess) => void;
  /** Whether supervision is about to be over: nothing is started any more. */
  readonly closing: () => boolean;
  /** Whether supervision is over: what happens from now on is for the next server to find. */
  readonly closed: () => boolean;
}
