/** A process as its users see it. */
import { join } from "@std/path";
import type { Candidate } from "../protocol/errors.ts";
import type { LocatedProcess } from "../protocol/process.ts";
import { shortenCommand } from "../protocol/shorten.ts";
import type { ProcessEntry } from "../system/process_table.ts";
import {
  commandLineOf,
  currentRun,
  isLive,
  type ProcessRecord,
  runDirectory,
  runId,
  type RunRecord,
  shortCommandLine,
} from "./record.ts";

/** The facts of a process, of its current run unless another is named. */
export function describeProcess(
  record: ProcessRecord,
  context: {
    processes: string;
    now: number;
    run?: RunRecord;
    /** Members of the current run that outlived its program. */
    leftBehind?: readonly ProcessEntry[];
  },
): LocatedProcess {
  const run = context.run ?? currentRun(record);
  const directory = runDirectory(context.processes, record, run);
  const end = run.ended_at ?? context.now;
  return {
    pid: run.pid,
    label: record.label,
    command: shortenCommand(record.written === null ? record.command : [record.written]),
    working_directory: record.working_directory,
    status: run.status,
    reason: run === currentRun(record)
      ? withLeftBehind(reasonOf(run), context.leftBehind)
      : reasonOf(run),
    started_by: run.started_by,
    start_time: new Date(run.started_at).toISOString(),
    end_time: run.ended_at === null ? null : new Date(run.ended_at).toISOString(),
    uptime_seconds: Math.round(Math.max(0, end - run.started_at) / 100) / 10,
    exit_code: run.exit_code,
    signal: run.signal,
    restarts: record.restarts,
    ...record.pty === undefined ? {} : { pty: true },
    log_stdout: join(directory, "stdout.log"),
    log_stderr: join(directory, "stderr.log"),
    process: record.id,
    run: runId(record, run),
    run_directory: directory,
  };
}

/** Why a run is in its state, with what more there is to say, and what it said itself. */
export function reasonOf({ reason, remark, said }: RunRecord): string {
  const words = said === undefined ? undefined : `it said: ${said}`;
  return [reason, remark, words].filter((part) => part !== undefined).join("; ");
}

function withLeftBehind(reason: string, left: readonly ProcessEntry[] = []): string {
  if (left.length === 0) return reason;
  const named = left.slice(0, 5).map(({ pid, command }) => `${pid} (${command})`).join(", ");
  const more = left.length > 5 ? ` and ${left.length - 5} more` : "";
  return `${reason}; still running of it: ${named}${more}`;
}

/** A process as one of those that a failed call may have meant. */
export function candidateOf(record: ProcessRecord): Candidate {
  const run = currentRun(record);
  return {
    pid: isLive(run) ? run.pid : null,
    label: record.label,
    command: shortCommandLine(commandLineOf(record)),
    working_directory: record.working_directory,
    status: run.status,
  };
}
