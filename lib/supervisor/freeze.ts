/** Stopping a process group for a moment. */
import { isGroupStopped } from "../system/group_state.ts";
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
  signals: Signals,
  act: () => void,
): Promise<boolean> {
  const wasStopped = await isGroupStopped(group);
  try {
    if (!wasStopped) signals.group(group, "SIGSTOP");
    for (let waited = 0; !wasStopped && !await isGroupStopped(group); waited += LOOK_MS) {
      if (waited >= STOP_MS) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    act();
    return true;
  } finally {
    if (!wasStopped) signals.group(group, "SIGCONT");
  }
}
