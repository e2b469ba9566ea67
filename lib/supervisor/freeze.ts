/** Stopping a process group for a moment. */
import type { ProcessTable } from "../system/process_table.ts";
import type { Signals } from "../system/signals.ts";

/** How long a group may take until all of it is stopped, in milliseconds, and between two looks. */
const STOP_MS = 1_000;
const LOOK_MS = 5;

/**
 * Does something while no process of a group runs, and lets them go on in any case. A group that was
 * stopped before stays so.
 *
 * @returns false when it was not done, because they could not all be stopped.
 */
export async function whileFrozen(
  group: number,
  { signals, table }: { signals: Signals; table: ProcessTable },
  act: () => void,
): Promise<boolean> {
  const wasStopped = await isGroupStopped(group, table);
  try {
    if (!wasStopped) signals.group(group, "SIGSTOP");
    for (let waited = 0; !wasStopped && !await isGroupStopped(group, table); waited += LOOK_MS) {
      if (waited >= STOP_MS) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    act();
    return true;
  } finally {
    if (!wasStopped) signals.group(group, "SIGCONT");
  }
}

/**
 * Whether every process of a group is stopped; zombies do not count. A signal stops a process only
 * when it returns from the kernel, so a write under way is over then (signal(7)).
 */
export async function isGroupStopped(group: number, table: ProcessTable): Promise<boolean> {
  const { entries } = await table.scan();
  return entries.every((entry) => entry.group !== group || entry.stopped || entry.zombie);
}
