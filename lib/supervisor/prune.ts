/** Forgetting old runs and old processes. */
import { KEPT_ENDED_PROCESSES, KEPT_RUNS } from "../protocol/limits.ts";
import type { Core } from "./core.ts";
import { currentRun, runDirectory } from "./record.ts";

/** Drops what is beyond the kept numbers; never a run under way. */
export async function prune(core: Core): Promise<void> {
  for (const process of core.registry.surplus(KEPT_ENDED_PROCESSES)) {
    core.registry.delete(process);
    const { record } = process;
    core.recorder.finish(runDirectory(core.store.directory, record, currentRun(record)));
    await core.store.remove(record);
  }
  for (const { record } of core.registry.all()) {
    while (record.runs.length > KEPT_RUNS) {
      const [oldest] = record.runs.splice(0, 1);
      if (oldest) await core.store.removeRun(runDirectory(core.store.directory, record, oldest));
    }
  }
}
