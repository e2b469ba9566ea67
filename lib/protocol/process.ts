/** What a process is, to everyone who asks about it: the facts of `list` and `ctrl`. */

/** The label of the server itself, which `list` shows as PID 0. */
export const SERVER_LABEL = "persistproc-server";

/** The states of a process. `failed` means that its program never started. */
export type Status = "running" | "stopping" | "exited" | "failed";

/** The two streams a program writes. */
export type Stream = "stdout" | "stderr";

/** Where the environment of a started process came from. */
export type EnvironmentSource = "caller" | "last_start" | "server";

/** What a program reads as its standard input. */
export type StdinSource =
  /** A FIFO that never ends and that `input` writes to. */
  | { kind: "open" }
  /** `/dev/null`. */
  | { kind: "null" }
  /** A regular file, read from its start at every run. */
  | { kind: "file"; path: string };

/** The size of a terminal, in characters. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** One process as `list` shows it. Times are ISO 8601 in UTC with milliseconds. */
export interface ProcessInfo {
  /** PID of the program itself (not of its keeper); null when it never started. */
  pid: number | null;
  label: string;
  /**
   * The argument list; a command that needed a shell is one element, as written. A long one is cut,
   * see `shortenCommand`: to show it, not to start it.
   */
  command: string[];
  working_directory: string;
  status: Status;
  /** In words: why it is in that state. */
  reason: string;
  /** Who started the current run: `terminal` or the name of an agent. */
  started_by: string;
  start_time: string;
  end_time: string | null;
  uptime_seconds: number;
  /** The status it exited with; null while it runs, and when a signal ended it. */
  exit_code: number | null;
  /** The signal that ended it, such as `SIGTERM`. */
  signal: string | null;
  /** How many times it was started again. */
  restarts: number;
  /** It has a terminal of its own; left out where it has none. */
  pty?: true;
  log_stdout: string;
  log_stderr: string;
}

/** A TCP port that a process, or one of those it started, listens on. */
export interface ListeningPort {
  /** `0.0.0.0` and `::` mean every address of the machine. */
  address: string;
  port: number;
  /** Of several processes that share it, the program itself or the oldest. */
  pid: number;
}

/** What a process takes and offers at this moment, all that it has started included. */
export interface ProcessUsage {
  /** Each address and port once. */
  ports: ListeningPort[];
  /** Where it answers on loopback, the most specific first; then on other addresses. */
  urls: string[];
  /** Of one processor, since it was last asked for; null when nothing of it runs. */
  cpu_percent: number | null;
  /** Resident memory in bytes; pages that several processes share count in each. */
  memory_bytes: number | null;
  /** How many processes it consists of. */
  process_count: number;
}

/** One process with everything that `list` tells of it. */
export interface ListedProcess extends ProcessInfo, ProcessUsage {
  /** Lines since its last start that look like errors of the common tools. */
  error_lines: number;
}

/** Where the current run of a process lies on disk: what only the command line needs. */
export interface RunLocation {
  /** The id of the process, which all its runs share. */
  process: string;
  /** The id of the run, unique on this machine. */
  run: string;
  /** The directory that holds the run's logs and timeline. */
  run_directory: string;
}

/** A process and the place of its logs. */
export interface LocatedProcess extends ProcessInfo, RunLocation {}

/** What nothing takes and offers. */
export const NO_USAGE: Readonly<ProcessUsage> = {
  ports: [],
  urls: [],
  cpu_percent: null,
  memory_bytes: null,
  process_count: 0,
};

/** A terminal on which somebody sees what a program prints. */
export interface TerminalInfo {
  /** Its width; 0 when it does not say. */
  columns: number;
}

/** Somebody who asks for something. */
export interface Caller {
  /** `terminal`, or what the agent calls itself. */
  name: string;
  /** The complete environment of the caller, when the caller passes it on. */
  environment?: Record<string, string>;
  /** The directory of the caller, when it has one. */
  working_directory?: string;
  /** For a start: where its caller sees what it prints; none for agents and scripts. */
  terminal?: TerminalInfo;
}

/** What the stdio bridge says of who asks; the name is in a header, `CLIENT_HEADER`. */
export type BridgeCaller = Omit<Caller, "name">;
