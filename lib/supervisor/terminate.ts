/** Ending a process group: SIGTERM, patience, SIGKILL, and knowing that nobody is left. */
import type { Survivor } from "../protocol/requests.ts";
import type { ProcessTable } from "../system/process_table.ts";
import type { Signals } from "../system/signals.ts";
import type { Clock } from "./core.ts";

/** How a group is to be ended. */
export interface TerminateOptions {
  signals: Signals;
  table: ProcessTable;
  clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL; 0 sends SIGKILL at once. */
  grace: number;
  /** Aborted when somebody does not want to wait for the grace period. */
  impatience: AbortSignal;
  /** Called when SIGKILL is sent. */
  onKill: () => void;
}

/** Milliseconds that the kernel gets to end what was sent SIGKILL. */
const KILL_PATIENCE = 5_000;
const FIRST_WAIT = 2;
const LONGEST_WAIT = 40;

/** Ends every member of a process group; returns those that nothing could end. */
export async function terminateGroup(
  group: number,
  options: TerminateOptions,
): Promise<Survivor[]> {
  const { signals, grace, impatience } = options;
  if (grace > 0 && !impatience.aborted) {
    if (!signals.group(group, "SIGTERM")) return [];
    // A stopped process would only see SIGTERM once somebody continues it.
    signals.group(group, "SIGCONT");
    if (await isGone(group, grace, options)) return [];
  }
  if (!signals.group(group, "SIGKILL")) return [];
  options.onKill();
  const never = new AbortController().signal;
  if (await isGone(group, KILL_PATIENCE, { ...options, impatience: never })) return [];
  return (await living(group, options.table)).map(({ pid, command }) => ({
    pid,
    command,
    why: "it did not end on SIGKILL; the kernel is still busy with it",
  }));
}

/** Waits until a group has no member but zombies; false when time or patience is over first. */
async function isGone(group: number, time: number, options: TerminateOptions): Promise<boolean> {
  const { signals, clock, impatience, table } = options;
  const end = clock.now() + time;
  for (let wait = FIRST_WAIT;; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    // A probe costs microseconds; the table is only read when a zombie may keep the group alive.
    if (!signals.groupExists(group)) return true;
    if (wait === LONGEST_WAIT && (await living(group, table)).length === 0) return true;
    const left = end - clock.now();
    if (impatience.aborted || left <= 0) return false;
    await clock.after(Math.min(wait, left));
  }
}

async function living(group: number, table: ProcessTable) {
  return (await table.scan()).filter((entry) => entry.group === group && !entry.zombie);
}
