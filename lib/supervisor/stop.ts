/** Stopping a process: one stop at a time, joined by whoever asks for another. */
import { DEFAULT_GRACE_SECONDS } from "../protocol/limits.ts";
import type { Survivor } from "../protocol/requests.ts";
import type { ProcessEntry } from "../system/process_table.ts";
import { type Core, persist } from "./core.ts";
import { endRun } from "./end_run.ts";
import { currentRun, runId, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { nextRunState, type RunEvent } from "./run_state.ts";
import { terminateRun } from "./terminate.ts";

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
 * Stops the current run of a process, also when its program has ended and only others of its
 * members live. Resolves when no member is left, with what survived. A stop that is under way is
 * joined; `force` then cuts its patience short.
 */
export async function stopProcess(
  core: Core,
  process: ManagedProcess,
  options: StopOptions,
): Promise<Survivor[]> {
  await process.spawning;
  await process.frozen;
  const underWay = process.stopping;
  if (underWay !== null) {
    const { by, restarting = false } = options;
    const run = currentRun(process.record);
    await change(core, process, run, {
      type: "stop_requested",
      at: core.clock.now(),
      by,
      restarting,
    });
    if (options.force) underWay.kill();
    return await underWay.done;
  }
  const impatience = new AbortController();
  const done = stop(core, process, { ...options, impatience: impatience.signal })
    .finally(() => process.stopping = null);
  process.stopping = { done, kill: () => impatience.abort() };
  return await done;
}

/** The living members of a process's current run. */
export async function membersOf(core: Core, process: ManagedProcess): Promise<ProcessEntry[]> {
  const { record } = process;
  return (await core.members.look()).get(runId(record, currentRun(record))) ?? [];
}

async function stop(
  core: Core,
  process: ManagedProcess,
  options: StopOptions & { impatience: AbortSignal },
): Promise<Survivor[]> {
  const run = currentRun(process.record);
  const { by, restarting = false, force = false } = options;
  const grace = force ? 0 : (options.graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000;
  const wasLive = process.live;
  await change(core, process, run, {
    type: "stop_requested",
    at: core.clock.now(),
    by,
    restarting,
  });
  const left = wasLive ? [] : await membersOf(core, process);
  const failed = (why: string) => change(core, process, run, { type: "stop_failed", why });
  const survivors = await terminateRun({
    ...core,
    members: () => membersOf(core, process),
    group: run.terminal ?? run.group,
    terminal: run.terminal ?? null,
    spared: run.terminal === undefined ? null : run.group,
    grace,
    impatience: options.impatience,
    onKill: () => {
      // Without patience no SIGTERM was sent, however long it took to get here.
      const at = grace === 0 ? run.stop?.at : undefined;
      Object.assign(run, nextRunState(run, { type: "kill_sent", at: at ?? core.clock.now() }));
    },
  }).catch(async (error) => {
    // Nobody is about to end it any more.
    await failed(`could not be stopped: ${error instanceof Error ? error.message : error}`);
    throw error;
  });
  if (wasLive) await endRun(core, process, run, { afterStop: true });
  if (survivors.length > 0) {
    const named = survivors.map(({ pid, command, why }) => `${pid} (${command}): ${why}`).join(
      "; ",
    );
    await failed(`could not be stopped completely: ${named}`);
  } else if (left.length > 0) {
    await change(core, process, run, { type: "swept", by, count: left.length });
  }
  return survivors;
}

async function change(
  core: Core,
  process: ManagedProcess,
  run: RunRecord,
  event: RunEvent,
): Promise<void> {
  const next = nextRunState(run, event);
  if (next === run) return;
  Object.assign(run, next);
  core.changed(process);
  await persist(core, process);
}
