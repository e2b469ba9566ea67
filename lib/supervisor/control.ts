/** `ctrl`: which process is meant, what is done to it, and the answer. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Caller, EnvironmentSource } from "../protocol/process.ts";
import type { CtrlRequest, LocatedCtrlResult, Survivor } from "../protocol/requests.ts";
import { describe } from "./announcements.ts";
import type { Core } from "./core.ts";
import { inputBytes, writeInput } from "./input.ts";
import { currentRun, isLive, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { restartProcess } from "./restart.ts";
import { startProcess, startRemark } from "./start.ts";
import { membersOf, stopProcess } from "./stop.ts";
import { realPathOrSame, resolveTarget } from "./targets.ts";

/**
 * Starts, stops or restarts a process, or writes to its stdin.
 *
 * @throws {PersistprocError} when it cannot be done.
 */
export async function control(
  core: Core,
  request: CtrlRequest,
  caller: Caller,
): Promise<LocatedCtrlResult> {
  switch (request.action) {
    case "start":
      return await start(core, request, caller);
    case "stop":
      return await stop(core, request, caller);
    case "restart":
      return await restart(core, request, caller);
    case "input":
      return await input(core, request, caller);
  }
}

async function start(core: Core, request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
  const outcome = await startProcess(core, request, caller);
  return result(core, request, outcome.process, {
    reason: startRemark(outcome),
    already_running: outcome.alreadyRunning,
    environment_source: outcome.environmentSource,
  });
}

async function stop(core: Core, request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
  const { process, run } = await resolve(core, request, caller);
  if (process.startExpected && run === currentRun(process.record)) {
    // Asked for after the start, the stop wins.
    process.cancelStarts(caller.name);
    if (!process.live) {
      await process.idle;
      return result(core, request, process, { run });
    }
  } else if (run !== currentRun(process.record) || !await hasMembers(core, process)) {
    refuseEnded(process, run, "stop");
  }
  const survivors = await stopProcess(core, process, {
    by: caller.name,
    force: request.force,
    graceSeconds: request.grace_seconds,
  });
  return result(core, request, process, { run, survivors });
}

async function restart(
  core: Core,
  request: CtrlRequest,
  caller: Caller,
): Promise<LocatedCtrlResult> {
  const { process, run } = await resolve(core, request, caller);
  if (run !== currentRun(process.record) && process.live) {
    refuseEnded(process, run, "restart");
  }
  const before = await restartProcess(core, process, {
    by: caller.name,
    force: request.force,
    graceSeconds: request.grace_seconds,
  });
  return result(core, request, process, {
    previous_pid: before.pid,
    exit_code: before.exit_code,
    signal: before.signal,
    environment_source: process.record.environment_source,
  });
}

async function input(core: Core, request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
  const { process, run } = await resolve(core, request, caller);
  const bytes = inputBytes(request, { terminal: run.terminal !== undefined });
  await writeInput(core, process, run, bytes);
  return result(core, request, process, { run });
}

async function resolve(core: Core, request: CtrlRequest, caller: Caller) {
  const working_directory = await realPathOrSame(request.working_directory);
  return resolveTarget(core.registry, { ...request, working_directory }, {
    preferredDirectory: await realPathOrSame(caller.working_directory),
    suggestsEnded: request.action === "restart",
  });
}

async function hasMembers(core: Core, process: ManagedProcess): Promise<boolean> {
  return process.live || (await membersOf(core, process)).length > 0;
}

function refuseEnded(process: ManagedProcess, run: RunRecord, verb: "stop" | "restart"): void {
  const { record } = process;
  const now = currentRun(record);
  if (isLive(run)) return;
  throw new PersistprocError(
    "not_running",
    `${
      run.pid === null ? record.label : `PID ${run.pid} (${record.label})`
    } is not running: ${run.reason}.`,
    run !== now && isLive(now)
      ? { hint: `It runs now as PID ${now.pid}; ${verb} that one.` }
      : { hint: "Nothing has to be stopped." },
  );
}

function result(
  core: Core,
  request: CtrlRequest,
  process: ManagedProcess,
  facts: {
    run?: RunRecord;
    reason?: string;
    exit_code?: number | null;
    signal?: string | null;
    previous_pid?: number | null;
    already_running?: boolean;
    environment_source?: EnvironmentSource;
    survivors?: Survivor[];
  },
): LocatedCtrlResult {
  const now = describe(core, process, facts.run);
  const reason = facts.reason ?? now.reason;
  const unsaved = core.unsaved.why(process);
  return {
    action: request.action,
    pid: now.pid,
    label: now.label,
    status: now.status,
    exit_code: facts.exit_code === undefined ? now.exit_code : facts.exit_code,
    signal: facts.signal === undefined ? now.signal : facts.signal,
    reason: unsaved === null ? reason : `${reason}; this could not be written down yet. ${unsaved}`,
    previous_pid: facts.previous_pid ?? null,
    already_running: facts.already_running ?? false,
    environment_source: facts.environment_source ?? null,
    survivors: facts.survivors ?? [],
    log_stdout: now.log_stdout,
    log_stderr: now.log_stderr,
    process: now.process,
    run: now.run,
    run_directory: now.run_directory,
  };
}
