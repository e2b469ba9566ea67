/** Forgetting old runs and old processes. */
import { KEPT_ENDED_PROCESSES, KEPT_RUNS } from "../protocol/limits.ts";
import { type Core, persist } from "./core.ts";
import { currentRun, runDirectory } from "./record.ts";

/** Drops what is beyond the kept numbers; never a run under way. */
export async function prune(core: Core): Promise<void> {
  for (const process of core.registry.surplus(KEPT_ENDED_PROCESSES)) {
    // Somebody may have started it again while another was removed.
    if (process.live || process.startExpected) continue;
    core.registry.delete(process);
    core.unsaved.delete(process);
    const { record } = process;
    core.recorder.finish(runDirectory(core.store.directory, record, currentRun(record)));
    for (const run of record.runs) {
      core.retention.forget(runDirectory(core.store.directory, record, run));
    }
    await core.store.remove(record);
  }
  for (const process of core.registry.all()) {
    const { record } = process;
    const old = record.runs.splice(0, Math.max(0, record.runs.length - KEPT_RUNS));
    if (old.length === 0) continue;
    // Also while the disk is too full to write that down: this makes room.
    await persist(core, process);
    for (const run of old) {
      const directory = runDirectory(core.store.directory, record, run);
      core.retention.forget(directory);
      await core.store.removeRun(directory);
    }
  }
}
