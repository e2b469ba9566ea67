/**
 * The requests that the tools, `/api` and the command line share, and their answers.
 * Names are those of the public surface; the tools' schemas are in `lib/mcp`.
 */
import type {
  EnvironmentSource,
  ListedProcess,
  LocatedProcess,
  RunLocation,
  Status,
  StdinSource,
  TerminalSize,
} from "./process.ts";
import type { WaitResult } from "./wait.ts";

/** Which process is meant. A PID wins over everything else, a label over a command. */
export interface Target {
  pid?: number;
  /** A label, else a command line that is split as a shell would. */
  command_or_label?: string;
  /** Only a label. */
  label?: string;
  /** An argument list: the command exactly, needing no splitting. */
  command?: string[];
  /** Narrows a match by command. */
  working_directory?: string;
}

/** What can be done to a process. */
export type Action = "start" | "stop" | "restart" | "input";

/** The parameters of `ctrl`. For `start`, `label` is the label to give. */
export interface CtrlRequest extends Target {
  action: Action;
  /** Laid over the caller's environment. */
  environment?: Record<string, string>;
  /** Stop with SIGKILL at once. */
  force?: boolean;
  /** Seconds between SIGTERM and SIGKILL. */
  grace_seconds?: number;
  /** For `start`: what the program reads; an open FIFO unless said otherwise. */
  stdin?: StdinSource;
  /** For `start`: give it a terminal of its own, of this size. */
  pty?: TerminalSize;
  /** For `start`: when it runs already, stop that run first. */
  fresh?: boolean;
  /** For `input`: what is written to its standard input; a newline is added where it lacks one. */
  text?: string;
  /** For `input`: bytes in base64 instead, written as they are. */
  data?: string;
}

/** A process that `stop` could not end, and why. */
export interface Survivor {
  pid: number;
  command: string;
  why: string;
}

/** The answer of `ctrl`. */
export interface CtrlResult {
  action: Action;
  pid: number | null;
  label: string;
  status: Status;
  exit_code: number | null;
  signal: string | null;
  reason: string;
  /** For `restart`: the PID it had before. */
  previous_pid: number | null;
  /** For `start`: it ran already, and nothing was started. */
  already_running: boolean;
  /** For `start` and `restart`: whose environment the program got. */
  environment_source: EnvironmentSource | null;
  survivors: Survivor[];
  log_stdout: string;
  log_stderr: string;
  /** What came of the wait that was asked for. */
  wait?: WaitResult;
}

/** The answer of `ctrl` to the command line, which reads the logs itself. */
export interface LocatedCtrlResult extends CtrlResult, RunLocation {}

/** The parameters of `list`; all that are given must hold. `pid: 0` is the server itself. */
export interface ListRequest {
  pid?: number;
  command_or_label?: string;
  working_directory?: string;
  running_only?: boolean;
}

/** The answer of `list`. */
export interface ListResult {
  processes: ListedProcess[];
}

/** One run whose output can be read. */
export interface OutputRun {
  /** The id of its process. */
  process: string;
  label: string;
  /** Counts from 1 for each process. */
  run: number;
  pid: number | null;
  start_time: string;
  run_directory: string;
  /** It writes no more. */
  ended: boolean;
}

/** The answer of `POST /api/runs`: the runs that an `output` of this target would read. */
export interface RunsResult {
  /** Each process with its current run, or the run that a PID names. */
  processes: LocatedProcess[];
  /** All that is kept of the runs of each, in their order; of a PID's process only that run. */
  history: OutputRun[];
}

/** The answer of `POST /api/shutdown`, sent before the server ends. */
export interface ShutdownResult {
  pid: number;
}

/** One line of the event stream `GET /api/events`: a process as it is now, after a change. */
export interface ProcessEvent {
  process: LocatedProcess;
  /** It has ended, but a restart under way will start it again: do not leave. */
  restarting: boolean;
  /** Who caused the change, when somebody did. */
  by: string | null;
  /** The first words of `reason`: why it is in its state, without what else there is to say. */
  cause: string;
  /** What more there is to say of its end, as in `reason`: who holds the port that it wanted. */
  remark?: string;
}

/** The answer of `GET /health?nonce=…`; without a nonce, `proof` is absent. */
export interface Health {
  name: "persistproc";
  version: string;
  pid: number;
  /** HMAC-SHA-256 of the nonce under the data directory's token, in hexadecimal. */
  proof?: string;
}
