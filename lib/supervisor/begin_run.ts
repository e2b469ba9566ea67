/** A new run of a process: from its directory on disk to its program's PID. */
import { type Core, persist } from "./core.ts";
import { endRun, watchRun } from "./end_run.ts";
import type { StartedRun } from "./keeper.ts";
import { prune } from "./prune.ts";
import { currentRun, runDirectory, runId, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { RUN_MARK } from "../system/run_mark.ts";
import { firstRunState, nextRunState } from "./run_state.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { explainStorage } from "../system/storage_failure.ts";

/**
 * Milliseconds in which a program that cannot be executed is noticed before the start is answered.
 * On a terminal, `script` has to end, too, before that is said.
 */
const EXEC_SETTLE = 10;
const EXEC_SETTLE_ON_TERMINAL = 50;

/**
 * Starts the process. Its record is on disk before the program exists, so that a server that dies
 * in between leaves nothing that the next one cannot find.
 *
 * @throws {PersistprocError} `spawn_failed`; the process is then listed as failed.
 */
export async function beginRun(core: Core, process: ManagedProcess, by: string): Promise<void> {
  if (core.closing()) {
    throw new PersistprocError("server_unreachable", "The server is shutting down.", {
      hint: "Try again in a moment; `run` and `start` start a new one.",
    });
  }
  const { record } = process;
  const last = record.runs.at(-1);
  if (last) core.recorder.finish(runDirectory(core.store.directory, record, last));
  const run: RunRecord = {
    ...firstRunState({ at: core.clock.now(), by }),
    number: (last?.number ?? 0) + 1,
    pid: null,
    group: null,
    kernel_started: "",
    boot: core.boot,
  };
  record.runs.push(run);
  process.members = new Map();
  if (last) record.restarts++;
  const spawning = spawnRun(core, process, run);
  process.spawning = spawning.catch(() => {});
  try {
    const started = await spawning;
    watchRun(core, process, run);
    const end = started.ended.then(() => endRun(core, process, run));
    const settle = started.terminal === null ? EXEC_SETTLE : EXEC_SETTLE_ON_TERMINAL;
    await Promise.race([end, core.clock.after(settle)]);
  } catch (cause) {
    const error = explainStorage(cause, runDirectory(core.store.directory, record, run));
    failRun(core, process, run, error);
    throw error;
  }
  // It runs, whatever becomes of its record: the next change writes that again.
  await persist(core, process);
  core.changed(process);
  const now = currentRun(record);
  if (now.status === "failed") {
    throw new PersistprocError("spawn_failed", now.reason, {
      hint: "Check the program, its permissions and its interpreter.",
    });
  }
}

/** Makes the directory of a run, writes its record, and starts its program. */
async function spawnRun(core: Core, process: ManagedProcess, run: RunRecord): Promise<StartedRun> {
  const { record } = process;
  const directory = runDirectory(core.store.directory, record, run);
  await core.store.makeRunDirectory(directory);
  await core.store.save(record);
  const started = await core.spawn({
    runDirectory: directory,
    command: record.command,
    workingDirectory: record.working_directory,
    environment: {
      ...record.environment,
      ...record.added_environment,
      [RUN_MARK]: runId(record, run),
    },
    stdin: record.stdin.kind === "open"
      ? null
      : record.stdin.kind === "null"
      ? "/dev/null"
      : record.stdin.path,
    terminal: record.pty ?? null,
  });
  run.pid = started.pid;
  run.group = started.group;
  if (started.terminal !== null) run.terminal = started.terminal;
  run.kernel_started = started.started;
  return started;
}

/**
 * What is done when no start of a process is under way any more: whoever watches it learns how it
 * is now, and old processes and runs are forgotten.
 */
export function settle(core: Core, process: ManagedProcess): void {
  core.changed(process);
  prune(core).catch((error) => core.report(`Old processes were not removed: ${error}`));
}

/**
 * Ends a start that somebody has called off by asking for a stop after it.
 *
 * @throws {PersistprocError} `not_running`.
 */
export function refuseCancelled(process: ManagedProcess, by: string | null): void {
  if (by === null) return;
  throw new PersistprocError(
    "not_running",
    `${process.record.label} was stopped by ${by} meanwhile, so it was not started.`,
    { hint: "Start it again if it is still wanted." },
  );
}

function failRun(core: Core, process: ManagedProcess, run: RunRecord, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  Object.assign(run, nextRunState(run, { type: "failed", at: core.clock.now(), why }));
  void persist(core, process);
  core.changed(process);
}
