/** The one table of commands: parsing, help, suggestions and completions come from it. */
import { COMMON, OPTIONS, type OptionSpec } from "./options.ts";
import type { Invocation } from "./parse.ts";

/** What stands behind the options of a command. */
export type Operands =
  | "none"
  /** A program and its arguments. */
  | "program"
  /** A PID, a label or a command. */
  | "target"
  | "optional target"
  /** One of `actions`, then what that takes. */
  | "action";

/** One command. */
export interface CommandSpec {
  name: string;
  aliases: readonly string[];
  summary: string;
  operands: Operands;
  /** For `ctrl`: what the first operand may be. */
  actions: readonly string[];
  /** Without those of every command. */
  options: readonly OptionSpec[];
  examples: readonly string[];
  /** Loads the command's code and nothing else's. */
  load(): Promise<{ default: (invocation: Invocation) => Promise<number> }>;
}

const NONE: readonly string[] = [];

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    aliases: NONE,
    summary: "start a program, or attach if it runs already, and show its output",
    operands: "program",
    actions: NONE,
    options: OPTIONS.run,
    examples: ["persistproc npm run dev", "persistproc run --label web -- python -m http.server"],
    load: () => import("./commands/run.ts"),
  },
  {
    name: "start",
    aliases: NONE,
    summary: "start a program in the background",
    operands: "program",
    actions: NONE,
    options: OPTIONS.start,
    examples: ["persistproc start npm run dev", "persistproc start --label db 'docker compose up'"],
    load: () => import("./commands/start.ts"),
  },
  {
    name: "stop",
    aliases: NONE,
    summary: "stop a process and everything it started",
    operands: "target",
    actions: NONE,
    options: OPTIONS.stop,
    examples: ["persistproc stop 4711", "persistproc stop npm run dev", "persistproc stop web"],
    load: () => import("./commands/stop.ts"),
  },
  {
    name: "restart",
    aliases: NONE,
    summary: "stop a process and start it again as it was",
    operands: "target",
    actions: NONE,
    options: OPTIONS.restart,
    examples: ["persistproc restart web"],
    load: () => import("./commands/restart.ts"),
  },
  {
    name: "ctrl",
    aliases: NONE,
    summary: "start, stop and restart in the form of the tool",
    operands: "action",
    actions: ["start", "stop", "restart"],
    options: OPTIONS.ctrl,
    examples: ["persistproc ctrl restart npm run dev"],
    load: () => import("./commands/ctrl.ts"),
  },
  {
    name: "list",
    aliases: ["ls"],
    summary: "show all processes, running and ended",
    operands: "none",
    actions: NONE,
    options: OPTIONS.list,
    examples: ["persistproc list --watch", "persistproc list --running --format json"],
    load: () => import("./commands/list.ts"),
  },
  {
    name: "output",
    aliases: NONE,
    summary: "show captured output: of one process, or of all of this directory",
    operands: "optional target",
    actions: NONE,
    options: OPTIONS.output,
    examples: ["persistproc output web", "persistproc output -f --since-time 5m npm run dev"],
    load: () => import("./commands/output.ts"),
  },
  {
    name: "serve",
    aliases: NONE,
    summary: "run the server in the foreground (also without any command)",
    operands: "none",
    actions: NONE,
    options: OPTIONS.serve,
    examples: ["persistproc serve --port 9000", "persistproc serve --replace"],
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "shutdown",
    aliases: NONE,
    summary: "stop the server and its processes",
    operands: "none",
    actions: NONE,
    options: OPTIONS.shutdown,
    examples: ["persistproc shutdown --keep"],
    load: () => import("./commands/shutdown.ts"),
  },
];

/** The command of this name or alias. */
export function findCommand(name: string): CommandSpec | undefined {
  return COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
}

/** All options that a command takes. */
export function optionsOf(command: CommandSpec): readonly OptionSpec[] {
  return [...command.options, ...COMMON];
}

/** Each option of any command, once per name. */
export function allOptions(): readonly OptionSpec[] {
  const byName = new Map<string, OptionSpec>();
  for (const option of [...COMMON, ...COMMANDS.flatMap((command) => command.options)]) {
    if (!byName.has(option.name)) byName.set(option.name, option);
  }
  return [...byName.values()];
}
