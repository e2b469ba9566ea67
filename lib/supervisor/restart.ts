/** Restarting: the same command, directory, environment and label, in a new run. */
import { PersistprocError } from "../protocol/errors.ts";
import { checkCommand, checkStdinFile } from "../system/programs.ts";
import { beginRun, refuseCancelled, settle } from "./begin_run.ts";
import { checkCapacity } from "./capacity.ts";
import type { Core } from "./core.ts";
import { currentRun, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { stopProcess } from "./stop.ts";

/** How to restart. */
export interface RestartOptions {
  by: string;
  force?: boolean;
  graceSeconds?: number;
}

/**
 * Stops the process if it runs and starts it again. A restart under way is joined. Resolves with
 * the run that was before.
 *
 * @throws {PersistprocError} when it cannot start again; before the stop where that can be seen,
 * so that the old run goes on, else saying that it is down.
 */
export async function restartProcess(
  core: Core,
  process: ManagedProcess,
  options: RestartOptions,
): Promise<RunRecord> {
  if (process.restarting !== null) {
    if (options.force) process.stopping?.kill();
    return await process.restarting;
  }
  checkCapacity(core, process);
  process.restarting = process.enqueueStart(
    (cancelledBy) => restart(core, process, { ...options, cancelledBy }),
    () => settle(core, process),
  ).finally(() => process.restarting = null);
  return await process.restarting;
}

async function restart(
  core: Core,
  process: ManagedProcess,
  options: RestartOptions & { cancelledBy: () => string | null },
): Promise<RunRecord> {
  const { record } = process;
  const before = currentRun(record);
  const wasLive = process.live;
  await checkCommand(record.command, record.environment, record.working_directory);
  if (record.stdin.kind === "file") await checkStdinFile(record.stdin.path);
  // Where there is no room, or no right, for the record of the next run there is none for that run.
  await core.store.save(record);
  // Also when its program has ended: what it left behind may hold its port.
  const survivors = await stopProcess(core, process, { ...options, restarting: true });
  if (survivors.length > 0) {
    throw new PersistprocError("internal", `${record.label} ${before.reason}.`, {
      hint: "It was not started again; end what is left first.",
    });
  }
  refuseCancelled(process, options.cancelledBy());
  try {
    await beginRun(core, process, options.by);
  } catch (error) {
    if (!wasLive || !(error instanceof Error)) throw error;
    throw new PersistprocError(
      "spawn_failed",
      `${record.label} was stopped (PID ${before.pid}) and could not be started again: ${error.message}`,
      { hint: "It is down. Correct the cause, then restart it by its label." },
    );
  }
  return before;
}
