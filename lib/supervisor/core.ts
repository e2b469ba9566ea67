/** What the operations on processes work with: given from outside, so that tests can replace it. */
import type { LogRecorder } from "../logs/recorder.ts";
import type { ProcessTable } from "../system/process_table.ts";
import type { Signals } from "../system/signals.ts";
import type { Spawner } from "./keeper.ts";
import type { MemberScanner } from "./membership.ts";
import type { ManagedProcess, Registry } from "./registry.ts";
import type { ProcessStore } from "./store.ts";

/** The clock of the supervisor, in milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Resolves after a time; the timer keeps no program alive. */
  after(milliseconds: number): Promise<void>;
}

/** The clock of this system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Everything an operation may touch. */
export interface Core {
  readonly registry: Registry;
  readonly store: ProcessStore;
  readonly recorder: LogRecorder;
  readonly signals: Signals;
  readonly table: ProcessTable;
  readonly members: MemberScanner;
  readonly spawn: Spawner;
  readonly clock: Clock;
  /** The current boot of the machine. */
  readonly boot: string;
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
