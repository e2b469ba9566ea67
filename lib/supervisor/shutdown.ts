/** Stopping everything at the end of the supervision. */
import type { Survivor } from "../protocol/requests.ts";
import type { Core } from "./core.ts";
import { stopProcess } from "./stop.ts";

/** Stops all processes at the same time, also those whose start is under way. */
export async function stopAll(core: Core, by: string): Promise<Survivor[]> {
  const survivors = await Promise.all(
    core.registry.everyone().map(async (process) => {
      process.cancelStarts(by);
      const left = process.live ? await stopProcess(core, process, { by }) : [];
      // A start that was under way has either been refused by now, or has something to stop.
      await process.idle;
      return process.live ? await stopProcess(core, process, { by }) : left;
    }),
  );
  return survivors.flat();
}
