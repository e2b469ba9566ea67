/** Whether the processes of a group are stopped, as by SIGSTOP. */
import { type AskProgram, askProgram } from "./ask.ts";

/**
 * Whether every process of a group is stopped; zombies do not count. A signal stops a process only
 * when it returns from the kernel, so a write under way is over then (signal(7)).
 */
export async function isGroupStopped(
  group: number,
  ask: AskProgram = askProgram,
): Promise<boolean> {
  const lines = await ask("ps", ["-A", "-o", "pgid=", "-o", "stat="]) ?? "";
  const states = Array.from(lines.matchAll(/^\s*(\d+)\s+(\S)/gm))
    .filter(([, pgid]) => Number(pgid) === group)
    .map(([, , state]) => state);
  return states.every((state) => state === "T" || state === "t" || state === "Z");
}
