/** What is kept of a process on disk, in its `process.json`. */
import { join } from "@std/path";
import type { EnvironmentSource, StdinSource, TerminalSize } from "../protocol/process.ts";
import { quoteCommandLine } from "../protocol/command_line.ts";
import { printable } from "../protocol/printable.ts";
import { shorten } from "../protocol/shorten.ts";
import type { RunState } from "./run_state.ts";

/** One run of a process. */
export interface RunRecord extends RunState {
  /** Counts from 1; names the run's directory. */
  number: number;
  /** PID of the program; null until it is known. */
  pid: number | null;
  /** The process group and session of the run. */
  group: number | null;
  /** The process group and session of its terminal, and so of its program, if it has one. */
  terminal?: number;
  /** When the kernel started the program; see `ProcessEntry.started`. */
  kernel_started: string;
  /** The boot of the machine in which it was started. */
  boot: string;
}

/** One process: what it is, how to start it again, and its last runs. */
export interface ProcessRecord {
  format: 1;
  id: string;
  label: string;
  /** Somebody chose the label; else it is made from command and directory. */
  label_given: boolean;
  /** The argument list that is executed. */
  command: string[];
  /** The command as written, when it needed a shell. */
  written: string | null;
  working_directory: string;
  environment: Record<string, string>;
  /** What the start added to that; records of earlier builds have none. */
  added_environment?: Record<string, string>;
  environment_source: EnvironmentSource;
  /** The environment of the last start by a person; agents without one of their own get it. */
  person_environment: Record<string, string> | null;
  stdin: StdinSource;
  /** The size that its terminal has at the start; left out where it gets none. */
  pty?: TerminalSize;
  restarts: number;
  /** Oldest first; the last one is the current run. */
  runs: RunRecord[];
}

/** The current run of a process. A record that is kept always has one. */
export function currentRun(record: ProcessRecord): RunRecord {
  const run = record.runs.at(-1);
  if (run === undefined) throw new Error(`process ${record.id} has no run`);
  return run;
}

/** Whether a run is under way. */
export function isLive(run: RunRecord): boolean {
  return run.status === "running" || run.status === "stopping";
}

/** Characters of a command that is shown to tell it from others. */
const LONGEST_COMMAND = 200;

/** A command line that can be shown as it is, its end left out when it is long. */
export function shortCommandLine(commandLine: string): string {
  return shorten(printable(commandLine), LONGEST_COMMAND);
}

/** The label of a process that was given none: one that can be shown, and typed, as it is. */
export function defaultLabel(commandLine: string, workingDirectory: string): string {
  return `${shortCommandLine(commandLine)} in ${printable(workingDirectory)}`;
}

/** The command of a process as one line: as written, else quoted so that it can be typed. */
export function commandLineOf(record: Pick<ProcessRecord, "command" | "written">): string {
  return record.written ?? quoteCommandLine(record.command);
}

/** The id of a run, unique on this machine; its processes carry it as `PERSISTPROC_RUN`. */
export function runId(record: ProcessRecord, run: RunRecord): string {
  return `${record.id}-${run.number}`;
}

/** The directory of a process. */
export function processDirectory(processes: string, record: Pick<ProcessRecord, "id">): string {
  return join(processes, record.id);
}

/** The directory of a run. */
export function runDirectory(processes: string, record: ProcessRecord, run: RunRecord): string {
  return join(processes, record.id, String(run.number));
}
