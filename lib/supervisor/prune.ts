/** Forgetting old runs and old processes. */
import { KEPT_ENDED_PROCESSES, KEPT_RUNS } from "../protocol/limits.ts";
import type { Core } from "./core.ts";
import { currentRun, runDirectory } from "./record.ts";

/** Drops what is beyond the kept numbers; never a run under way. */
export async function prune(core: Core): Promise<void> {
  for (const process of core.registry.surplus(KEPT_ENDED_PROCESSES)) {
    // Somebody may have started it again while another was removed.
    if (process.live || process.startExpected) continue;
    core.registry.delete(process);
    const { record } = process;
    core.recorder.finish(runDirectory(core.store.directory, record, currentRun(record)));
    await core.store.remove(record);
  }
  for (const { record } of core.registry.all()) {
    const old = record.runs.splice(0, Math.max(0, record.runs.length - KEPT_RUNS));
    if (old.length === 0) continue;
    await core.store.save(record);
    for (const run of old) {
      await core.store.removeRun(runDirectory(core.store.directory, record, run));
    }
  }
}
