/**
 * The requests that the tools, `/api` and the command line share, and their answers.
 * Names are those of the public surface; the tools' schemas are in `lib/mcp`.
 */
import type {
  EnvironmentSource,
  LocatedProcess,
  ProcessInfo,
  RunLocation,
  Status,
  StdinSource,
} from "./process.ts";

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
export type Action = "start" | "stop" | "restart";

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
  /** For `start`: when it runs already, stop that run first. */
  fresh?: boolean;
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
  processes: ProcessInfo[];
}

/** The answer of `POST /api/runs`: the runs that an `output` of this target would read. */
export interface RunsResult {
  processes: LocatedProcess[];
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
}

/** The answer of `GET /health?nonce=…`; without a nonce, `proof` is absent. */
export interface Health {
  name: "persistproc";
  version: string;
  pid: number;
  /** HMAC-SHA-256 of the nonce under the data directory's token, in hexadecimal. */
  proof?: string;
}
