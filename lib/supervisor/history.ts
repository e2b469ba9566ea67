/** Which runs a reader of output means, with their logs indexed up to this moment. */
import type { LocatedProcess } from "../protocol/process.ts";
import type { OutputRun, Target } from "../protocol/requests.ts";
import { describe } from "./announcements.ts";
import type { Core } from "./core.ts";
import { outputRun } from "./output_runs.ts";
import { currentRun, runDirectory } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { namesProcess, realPathOrSame, type Resolved, resolveTarget } from "./targets.ts";

/** The runs whose output a target means. */
export async function runsOf(core: Core, target: Target, all: boolean): Promise<LocatedProcess[]> {
  return (await find(core, target, all)).map(({ process, run }) => describe(core, process, run));
}

/**
 * All that is kept of the runs of the processes that a target means, each process's in their order;
 * of a PID only the run that it names.
 */
export async function historyOfTarget(
  core: Core,
  target: Target,
  all: boolean,
): Promise<OutputRun[]> {
  return (await find(core, target, all)).flatMap(({ process, run }) =>
    (target.pid === undefined ? process.record.runs : [run])
      .map((run) => outputRun(core.store.directory, process.record, run))
  );
}

/**
 * The same for processes by their ids, each once even if it is named twice; those that are
 * forgotten by now are left out.
 */
export function historyOfIds(core: Core, ids: readonly string[]): OutputRun[] {
  return [...new Set(ids)].flatMap((id) => {
    const process = core.registry.get(id);
    if (process === undefined) return [];
    lookAt(core, process);
    return process.record.runs.map((run) => outputRun(core.store.directory, process.record, run));
  });
}

async function find(core: Core, target: Target, all: boolean): Promise<Resolved[]> {
  const directory = await realPathOrSame(target.working_directory);
  const found = namesProcess(target)
    ? [
      resolveTarget(core.registry, { ...target, working_directory: undefined }, {
        preferredDirectory: directory,
      }),
    ]
    : core.registry.all()
      .filter(({ record }) =>
        all || directory === undefined || record.working_directory === directory
      )
      .map((process) => ({ process, run: currentRun(process.record) }));
  for (const { process } of found) lookAt(core, process);
  return found;
}

function lookAt(core: Core, { record }: ManagedProcess): void {
  core.recorder.look(runDirectory(core.store.directory, record, currentRun(record)));
}
