/** Stopping a process: one stop at a time, joined by whoever asks for another. */
import { DEFAULT_GRACE_SECONDS } from "../protocol/limits.ts";
import type { Survivor } from "../protocol/requests.ts";
import type { Core } from "./core.ts";
import { endRun } from "./end_run.ts";
import { currentRun } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { nextRunState } from "./run_state.ts";
import { terminateGroup } from "./terminate.ts";

/** How to stop. */
export interface StopOptions {
  by: string;
  /** SIGKILL at once. */
  force?: boolean;
  /** Seconds between SIGTERM and SIGKILL. */
  graceSeconds?: number;
  /** The process is to be started again afterwards. */
  restarting?: boolean;
}

/**
 * Stops the current run of a process and resolves when its group is gone, with what survived. A
 * stop that is under way is joined; `force` then cuts its patience short.
 */
export async function stopProcess(
  core: Core,
  process: ManagedProcess,
  options: StopOptions,
): Promise<Survivor[]> {
  await process.spawning;
  if (!process.live) return [];
  if (process.stopping !== null) {
    if (options.force) process.stopping.kill();
    return await process.stopping.done;
  }
  const impatience = new AbortController();
  const done = terminate(core, process, options, impatience.signal)
    .finally(() => process.stopping = null);
  process.stopping = { done, kill: () => impatience.abort() };
  return await done;
}

async function terminate(
  core: Core,
  process: ManagedProcess,
  options: StopOptions,
  impatience: AbortSignal,
): Promise<Survivor[]> {
  const run = currentRun(process.record);
  const { by, restarting = false, force = false } = options;
  const change = (event: Parameters<typeof nextRunState>[1]) =>
    Object.assign(run, nextRunState(run, event));
  change({ type: "stop_requested", at: core.clock.now(), by, restarting });
  core.changed(process);
  await core.store.save(process.record);
  const grace = force ? 0 : (options.graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000;
  const survivors = run.group === null ? [] : await terminateGroup(run.group, {
    ...core,
    grace,
    impatience,
    onKill: () => change({ type: "kill_sent", at: core.clock.now() }),
  });
  if (survivors.length > 0) {
    const named = survivors.map(({ pid, command }) => `${pid} (${command})`).join(", ");
    change({ type: "stop_failed", at: core.clock.now(), why: `could not be stopped: ${named}` });
    core.changed(process);
    await core.store.save(process.record);
    return survivors;
  }
  await endRun(core, process, run);
  await process.ended;
  return [];
}
