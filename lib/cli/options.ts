/** Every option of the command line, described once: parsing, help and completions read this. */
import {
  DEFAULT_GRACE_SECONDS,
  DEFAULT_HISTORY_LINES,
  DEFAULT_OUTPUT_LINES,
  DEFAULT_PORT,
} from "../protocol/limits.ts";
import { WAITS } from "./wait_options.ts";

/** How the text of an option is read. */
export type OptionKind =
  /** Given or not. */
  | "flag"
  /** A flag that counts how often it is given. */
  | "count"
  | "text"
  /** A regular expression. */
  | "expression"
  /** One of `choices`. */
  | "choice"
  | "port"
  /** A whole number, zero or more. */
  | "integer"
  /** Seconds, zero or more, fractions allowed. */
  | "seconds"
  /** A point in time; see `parseTime`. */
  | "time"
  /** A path; relative ones start at this command's directory. */
  | "path"
  /** JSON: an object of strings. */
  | "environment";

/** One option. Options of the same name have the same kind in every command. */
export interface OptionSpec {
  name: string;
  kind: OptionKind;
  help: string;
  /** The one letter that means the same. */
  short?: string;
  /** What the help calls its value. */
  value?: string;
  choices?: readonly string[];
  /** For the help only. */
  default?: string;
  /** The command whose help explains it to those of the others. */
  explainedBy?: string;
  /** What its value is one of, for completions; a path is one of the directories anyway. */
  completes?: "labels" | "pids" | "agents" | "files";
  /** Values that mean something special, for completions. */
  words?: readonly string[];
}

/** Whether an option is followed by a value. */
export function takesValue({ kind }: OptionSpec): boolean {
  return kind !== "flag" && kind !== "count";
}

/** The option that a word such as `--port` or `-f` names. */
export function optionNamed(
  word: string,
  specs: readonly OptionSpec[],
): OptionSpec | undefined {
  return specs.find(({ name, short }) =>
    word === `--${name}` || (short !== undefined && word === `-${short}`)
  );
}

/** The options of every command. */
export const COMMON: readonly OptionSpec[] = [
  {
    name: "port",
    kind: "port",
    value: "N",
    help: "the server's port (PERSISTPROC_PORT)",
    default: String(DEFAULT_PORT),
  },
  {
    name: "data-dir",
    kind: "path",
    value: "DIR",
    help: "where state and logs are (PERSISTPROC_DATA_DIR)",
  },
  {
    name: "format",
    kind: "choice",
    value: "FORMAT",
    choices: ["text", "json"],
    help: "text or json (PERSISTPROC_FORMAT)",
    default: "text",
  },
  { name: "verbose", short: "v", kind: "count", help: "say more" },
  { name: "quiet", short: "q", kind: "count", help: "say less" },
  { name: "help", short: "h", kind: "flag", help: "show this help" },
  { name: "version", kind: "flag", help: "show the version" },
];

const LABEL: OptionSpec = {
  name: "label",
  kind: "text",
  value: "LABEL",
  help: "the name of the process",
  completes: "labels",
};
const DIRECTORY: OptionSpec = {
  name: "working-directory",
  kind: "path",
  value: "DIR",
  help: "the directory of the process",
};
const ENVIRONMENT: OptionSpec = {
  name: "environment",
  kind: "environment",
  value: "JSON",
  help: 'variables on top of yours, as {"NAME": "value"}',
};
const STDIN: OptionSpec = {
  name: "stdin",
  kind: "text",
  value: "SOURCE",
  help: "what it reads: open (never ends), null, - (this command's input), or a file",
  default: "open",
  completes: "files",
  words: ["open", "null", "-"],
};
const PTY: OptionSpec = {
  name: "pty",
  kind: "flag",
  help: "in a terminal of its own, for programs that ask or draw",
};
const NO_AUTOSTART: OptionSpec = {
  name: "no-autostart",
  kind: "flag",
  help: "fail when no server runs instead of starting one",
};
const FORCE: OptionSpec = { name: "force", kind: "flag", help: "end it with SIGKILL at once" };
const GRACE: OptionSpec = {
  name: "grace",
  kind: "seconds",
  value: "SECONDS",
  help: "time to end by itself before SIGKILL",
  default: String(DEFAULT_GRACE_SECONDS),
};
const TEXT: OptionSpec = {
  name: "text",
  kind: "text",
  value: "LINE",
  help: "the line to write; else all of this command's input",
};
const KEEP: OptionSpec = {
  name: "keep",
  kind: "flag",
  help: "leave the processes running when the server ends",
};

/** The options of each command, by its name. */
export const OPTIONS = {
  run: [
    { name: "fresh", kind: "flag", help: "when it runs already, stop it and start it again" },
    {
      name: "on-exit",
      kind: "choice",
      value: "ACTION",
      choices: ["ask", "stop", "detach"],
      help: "what Ctrl+C does",
      default: "ask",
    },
    { name: "raw", kind: "flag", help: "put time and stream in front of each line" },
    LABEL,
    {
      name: "lines",
      kind: "integer",
      value: "N",
      help: "earlier lines to show when it runs already",
      default: String(DEFAULT_HISTORY_LINES),
    },
    PTY,
    STDIN,
    NO_AUTOSTART,
  ],
  start: [LABEL, DIRECTORY, ENVIRONMENT, PTY, STDIN, NO_AUTOSTART, ...WAITS],
  stop: [LABEL, DIRECTORY, FORCE, GRACE],
  restart: [LABEL, DIRECTORY, FORCE, GRACE, ...WAITS],
  ctrl: [LABEL, DIRECTORY, ENVIRONMENT, FORCE, GRACE, PTY, STDIN, NO_AUTOSTART, TEXT, ...WAITS],
  input: [LABEL, DIRECTORY, TEXT],
  wait: [LABEL, DIRECTORY, ...WAITS],
  list: [
    {
      name: "pid",
      kind: "integer",
      value: "PID",
      help: "only this PID; 0 is the server",
      completes: "pids",
    },
    {
      name: "command-or-label",
      kind: "text",
      value: "TEXT",
      help: "only this label or command",
      completes: "labels",
    },
    { ...DIRECTORY, help: "only processes of this directory" },
    { name: "running", kind: "flag", help: "only what runs" },
    { name: "watch", kind: "flag", help: "keep showing it, as it changes, until Ctrl+C" },
  ],
  output: [
    {
      name: "stream",
      kind: "choice",
      value: "STREAM",
      choices: ["stdout", "stderr", "combined"],
      help: "stdout, stderr or combined",
      default: "combined",
    },
    {
      name: "lines",
      kind: "integer",
      value: "N",
      help: "the last N lines",
      default: String(DEFAULT_OUTPUT_LINES),
    },
    { name: "since-time", kind: "time", value: "TIME", help: "from this time on: ISO 8601 or 5m" },
    { name: "before-time", kind: "time", value: "TIME", help: "up to this time" },
    { name: "since-last-start", kind: "flag", help: "only what was written since the last start" },
    { name: "grep", kind: "expression", value: "REGEX", help: "only lines that match" },
    { name: "context", kind: "integer", value: "N", help: "with N lines around each match" },
    {
      name: "cursor",
      kind: "text",
      value: "CURSOR",
      help: "what came since the output that gave it",
    },
    { name: "follow", short: "f", kind: "flag", help: "go on with what comes" },
    { name: "timestamps", kind: "flag", help: "put the time in front of each line" },
    { name: "ansi", kind: "flag", help: "keep colors and other escape sequences" },
    { name: "all", kind: "flag", help: "the processes of every directory" },
    LABEL,
    DIRECTORY,
  ],
  serve: [
    { ...KEEP, help: "leave the processes running when Ctrl+C or SIGTERM ends the server" },
    {
      name: "replace",
      kind: "flag",
      help: "take over from the running server, of any version; its processes go on",
    },
    {
      name: "require-token",
      kind: "flag",
      help: "answer nobody without the token, also after the next start of a server",
    },
    {
      name: "no-require-token",
      kind: "flag",
      help: "end that: answer your own programs without it",
    },
  ],
  mcp: [NO_AUTOSTART],
  agents: [
    {
      name: "install",
      kind: "text",
      value: "NAME",
      help: "connect this agent, in its own configuration file",
      completes: "agents",
    },
    {
      name: "remove",
      kind: "text",
      value: "NAME",
      help: "take the connection out again",
      completes: "agents",
    },
    { name: "dry-run", kind: "flag", help: "show what would be changed, and change nothing" },
    {
      name: "stdio",
      kind: "flag",
      help: "with --install: by `persistproc mcp`, which starts the server, not by HTTP",
    },
    {
      name: "project",
      kind: "flag",
      help: "with --install and --remove: in this project's file instead of yours",
    },
    { name: "rules", kind: "flag", help: "print what to tell agents in AGENTS.md or CLAUDE.md" },
  ],
  shutdown: [KEEP],
  token: [
    { name: "rotate", kind: "flag", help: "make a new one; the old one is refused from then on" },
  ],
  doctor: [],
  completions: [],
} satisfies Record<string, readonly OptionSpec[]>;
