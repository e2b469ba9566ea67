/** Noticing that a run has ended, and writing down how. */
import { lastWords } from "../logs/error_lines.ts";
import { type Core, persist } from "./core.ts";
import { readProgramEnd } from "./keeper_files.ts";
import { prune } from "./prune.ts";
import { retained } from "./retain.ts";
import { isLive, runDirectory, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { nextRunState, type RunEvent } from "./run_state.ts";

/** Records a run's logs and notices its end by the file that the keeper writes. */
export function watchRun(core: Core, process: ManagedProcess, run: RunRecord): void {
  const directory = runDirectory(core.store.directory, process.record, run);
  const kept = retained(core, process, run);
  core.recorder.add(directory, {
    onGrowth: (sizes) => core.retention.grown(kept, sizes),
    onExitFile: () => void seeToEnd(core, process, run),
  });
}

/** {@linkcode endRun} for those who can not be told that it failed; `server.log` is. */
export async function seeToEnd(core: Core, process: ManagedProcess, run: RunRecord): Promise<void> {
  const directory = runDirectory(core.store.directory, process.record, run);
  await endRun(core, process, run).catch((error) => core.report(`${directory}: ${error}`));
}

/**
 * Writes down that a run has ended, if it has. Harmless when called early, late or twice.
 *
 * A keeper can be killed alone; the program is asked for then, and goes on running.
 */
export async function endRun(
  core: Core,
  process: ManagedProcess,
  run: RunRecord,
  options: { afterStop?: boolean } = {},
): Promise<void> {
  // While it is being stopped, the end of its program is not yet the end of all its members.
  const premature = () => !isLive(run) || (process.stopping !== null && !options.afterStop);
  if (premature() || core.closed()) return;
  const directory = runDirectory(core.store.directory, process.record, run);
  let end = await readProgramEnd(directory);
  if (end === null) {
    if (await mayStillEnd(core, run)) return;
    // The keeper may have written it, and ended, while it was looked for.
    end = await readProgramEnd(directory);
  }
  const at = core.clock.now();
  const failed = end !== null && end.unstarted === null && end.code !== 0 && run.stop === null;
  const remark = failed ? await core.explainEnd(process, run) ?? undefined : undefined;
  const said = failed ? lastWords(directory) ?? undefined : undefined;
  // Several observers may have got here at once, or the next server may see to it.
  if (premature() || core.closed()) return;
  const event: RunEvent = end === null
    ? { type: "ended", at, code: null, signal: run.stop?.killed_at ? "SIGKILL" : null }
    : end.unstarted === null
    ? { type: "ended", at, code: end.code, signal: end.signal, remark, said }
    : { type: "failed", at, why: `The program could not be executed: ${end.unstarted}.` };
  core.recorder.look(directory);
  Object.assign(run, nextRunState(run, event));
  core.changed(process);
  await persist(core, process);
  // Whatever outlives its program is known from now on, even if it leaves the group later.
  await core.members.look();
  await prune(core);
}

/** Whether the program of a run exists: the very one that was started, not a reused PID. */
async function stillRuns(core: Core, run: RunRecord): Promise<boolean> {
  if (run.pid === null || run.boot !== core.boot) return false;
  if (!core.signals.exists(run.pid)) return false;
  const entry = (await core.table.lookup([run.pid])).get(run.pid);
  return entry !== undefined && !entry.zombie &&
    (run.kernel_started === "" || entry.started === run.kernel_started);
}

/**
 * Whether the last word on a run is still to come: its program runs, or its keeper is about to write
 * how it ended.
 */
export async function mayStillEnd(core: Core, run: RunRecord): Promise<boolean> {
  if (run.group === null || run.boot !== core.boot) return false;
  if (await stillRuns(core, run)) return true;
  const keeper = (await core.table.lookup([run.group])).get(run.group);
  // A process that took over the keeper's PID would have started after the program.
  return keeper !== undefined && !keeper.zombie && keeper.group === run.group &&
    Number(keeper.started) <= Number(run.kernel_started);
}
