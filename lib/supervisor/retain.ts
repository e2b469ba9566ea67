/** A run as the retention of logs sees it. */
import type { Core } from "./core.ts";
import { isLive, runDirectory, runId, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import type { RetainedRun } from "./retained_run.ts";

/** The run of a process, for `core.retention`. */
export function retained(core: Core, process: ManagedProcess, run: RunRecord): RetainedRun {
  const { record } = process;
  const isCurrent = () => run === record.runs.at(-1);
  const mayWrite = () => isLive(run) || (isCurrent() && process.leftBehind);
  return {
    directory: runDirectory(core.store.directory, record, run),
    label: record.label,
    endedAt: () => mayWrite() ? null : run.ended_at ?? run.started_at,
    async freezableGroup() {
      if (!mayWrite() || run.group === null || run.boot !== core.boot) return null;
      // A number alone names no group: somebody in it has to be known as a member of this run.
      const members = (await core.members.look()).get(runId(record, run));
      if (!members?.some(({ group }) => group === run.group)) return null;
      return process.stopping === null ? run.group : "busy";
    },
    holdSignals: (until) => process.frozen = until,
  };
}

/** Takes all runs of a process into account that a server finds at its start. */
export async function retainFound(core: Core, process: ManagedProcess): Promise<void> {
  for (const run of process.record.runs) await core.retention.adopt(retained(core, process, run));
}
