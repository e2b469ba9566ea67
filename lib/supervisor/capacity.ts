/** How many processes may run at a time. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Core } from "./core.ts";
import type { ManagedProcess } from "./registry.ts";

/**
 * Makes sure that there is room for one process to run. It is taken by whoever begins a start in the
 * same turn: starts that are under way count.
 *
 * @param own The process itself, when it is known already.
 * @throws {PersistprocError} `limit_reached`.
 */
export function checkCapacity(
  { registry, maxProcesses }: Pick<Core, "registry" | "maxProcesses">,
  own?: ManagedProcess,
): void {
  const running = registry.everyone()
    .filter((process) => process !== own && (process.live || process.startExpected)).length;
  if (running < maxProcesses) return;
  throw new PersistprocError(
    "limit_reached",
    `${running} processes run already, and no more than ${maxProcesses} may.`,
    { hint: "Stop some that are not needed: `list` shows them." },
  );
}
