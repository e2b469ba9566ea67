/** Putting a supervisor's parts together: this system's own, but for what is given. */
import { LogRecorder } from "../logs/recorder.ts";
import type { LogLimits } from "../logs/retention.ts";
import { DEFAULT_LOG_LIMIT, MAX_PROCESSES, TOTAL_LOG_LIMIT } from "../protocol/limits.ts";
import { type ListenerTable, systemListeners } from "../system/listeners.ts";
import { dataPaths } from "../system/paths.ts";
import type { ProcessTable } from "../system/process_table.ts";
import type { PunchHole } from "../system/punch_hole.ts";
import { type Signals, systemSignals } from "../system/signals.ts";
import { type Clock, type Core, systemClock } from "./core.ts";
import { type Spawner, spawnUnderKeeper } from "./keeper.ts";
import { type Members, MemberScanner, type RunSigns } from "./membership.ts";
import { currentRun, runId } from "./record.ts";
import { type ManagedProcess, Registry } from "./registry.ts";
import { Retention } from "./retention.ts";
import { sharedLook } from "../system/shared_look.ts";
import { ProcessStore, type WriteFile } from "./store.ts";
import { Unsaved } from "./unsaved.ts";

/** How a supervisor is made; what is left out is this system's own. */
export interface SupervisorOptions {
  dataDirectory: string;
  /** The environment of the server. */
  environment: Readonly<Record<string, string>>;
  /** Says what a person should know, in the server's log. */
  report: (message: string) => void;
  clock?: Clock;
  signals?: Signals;
  table?: ProcessTable;
  spawn?: Spawner;
  listeners?: ListenerTable;
  /** How many processes may run at a time. */
  maxProcesses?: number;
  /** How much is kept of the logs. */
  limits?: LogLimits;
  punch?: PunchHole;
  /** Writes records. */
  write?: WriteFile;
  /** Milliseconds until a log that exceeds its limit is cut. */
  patience?: number;
}

/** The same, with the table that has told the boot. */
export type CoreOptions = SupervisorOptions & { table: ProcessTable };

/** What the supervisor itself adds to its parts. */
export type CoreHooks = Pick<Core, "changed" | "explainEnd" | "closing" | "closed">;

/** The parts of a supervisor in the current boot of the machine. */
export function createCore(options: CoreOptions, boot: string, hooks: CoreHooks): Core {
  const clock = options.clock ?? systemClock;
  const registry = new Registry();
  const { table } = options;
  const listeners = options.listeners ?? systemListeners();
  const recorder = new LogRecorder({ now: clock.now, report: options.report });
  const signals = options.signals ?? systemSignals;
  return {
    registry,
    unsaved: new Unsaved(options.report),
    store: new ProcessStore(dataPaths(options.dataDirectory), { write: options.write }),
    recorder,
    retention: new Retention({
      limits: options.limits ?? { stream: DEFAULT_LOG_LIMIT, total: TOTAL_LOG_LIMIT },
      signals,
      table,
      report: options.report,
      trimTimeline: (directory) => recorder.trim(directory),
      punch: options.punch,
      patience: options.patience,
    }),
    signals,
    table,
    members: new MemberScanner(table, {
      runs: () => registry.all().map(signsOf),
      seen: (members) => remember(registry, members),
    }),
    listeners: sharedLook(() => listeners.listeners()),
    spawn: options.spawn ?? spawnUnderKeeper,
    clock,
    boot,
    maxProcesses: options.maxProcesses ?? MAX_PROCESSES,
    environment: options.environment,
    report: options.report,
    ...hooks,
  };
}

function signsOf({ record, members, live }: ManagedProcess): RunSigns {
  const run = currentRun(record);
  const { pid, group, terminal, kernel_started } = run;
  const known = new Map<number, { started: string }>(members);
  // The program is a member also where no mark can be read.
  if (live && pid !== null) known.set(pid, { started: kernel_started });
  return { run: runId(record, run), group, terminal, known };
}

function remember(registry: Registry, members: Members): void {
  for (const process of registry.all()) {
    const { record } = process;
    const living = members.get(runId(record, currentRun(record)));
    if (living) process.members = new Map(living.map((entry) => [entry.pid, entry]));
  }
}
