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
  /** The name of an agent, or nothing. */
  | "optional agent"
  /** The name of a shell. */
  | "shell"
  /** One of `actions`, then what that takes. */
  | "action";

/** One command. */
export interface CommandSpec {
  name: string;
  aliases: readonly string[];
  summary: string;
  operands: Operands;
  /** What the first operand may be, where that is one of a few words. */
  actions: readonly string[];
  /** Without those of every command. */
  options: readonly OptionSpec[];
  examples: readonly string[];
  /** Loads the command's code and nothing else's. */
  load(): Promise<{ default: (invocation: Invocation) => Promise<number> }>;
}

const NONE: readonly string[] = [];

/** The shells that can be completed in. */
export const SHELLS: readonly string[] = ["bash", "zsh", "fish"];

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    aliases: NONE,
    summary: "start a program, or attach if it runs, and show its output",
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
    summary: "start, stop, restart and input in the form of the tool",
    operands: "action",
    actions: ["start", "stop", "restart", "input"],
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
    name: "input",
    aliases: NONE,
    summary: "write to the standard input of a process",
    operands: "target",
    actions: NONE,
    options: OPTIONS.input,
    examples: ["persistproc input --text y web", "echo reload | persistproc input web"],
    load: () => import("./commands/input.ts"),
  },
  {
    name: "wait",
    aliases: NONE,
    summary: "wait for a line, a port, a URL, silence or the end of a process",
    operands: "target",
    actions: NONE,
    options: OPTIONS.wait,
    examples: ["persistproc wait --wait-port any web", "persistproc wait --wait-exit build"],
    load: () => import("./commands/wait.ts"),
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
    name: "mcp",
    aliases: NONE,
    summary: "speak MCP on stdin and stdout, as a bridge to the server",
    operands: "none",
    actions: NONE,
    options: OPTIONS.mcp,
    examples: ["claude mcp add --scope user persistproc -- persistproc mcp"],
    load: () => import("./commands/mcp.ts"),
  },
  {
    name: "agents",
    aliases: NONE,
    summary: "show how each agent is connected, and connect it",
    operands: "optional agent",
    actions: NONE,
    options: OPTIONS.agents,
    examples: [
      "persistproc agents claude-code",
      "persistproc agents --install codex --dry-run",
      "persistproc agents --rules >> AGENTS.md",
    ],
    load: () => import("./commands/agents.ts"),
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
  {
    name: "token",
    aliases: NONE,
    summary: "print the secret that stands for you to the server",
    operands: "none",
    actions: NONE,
    options: OPTIONS.token,
    examples: ["persistproc token --rotate"],
    load: () => import("./commands/token.ts"),
  },
  {
    name: "doctor",
    aliases: NONE,
    summary: "check server, files, programs and agents, and say what to do",
    operands: "none",
    actions: NONE,
    options: OPTIONS.doctor,
    examples: ["persistproc doctor", "persistproc doctor --format json"],
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "completions",
    aliases: NONE,
    summary: "print what makes the Tab key complete commands, labels and PIDs",
    operands: "shell",
    actions: SHELLS,
    options: OPTIONS.completions,
    examples: [
      'eval "$(persistproc completions bash)"',
      'eval "$(persistproc completions zsh)"',
      "persistproc completions fish | source",
    ],
    load: () => import("./commands/completions.ts"),
  },
];

/** The command of this name or alias. */
export function findCommand(name: string): CommandSpec | undefined {
  return COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
}

/** What stands behind the options of a command, or of an action of `ctrl`. */
export function operandsOf({ operands }: CommandSpec, action: string | null): Operands {
  if (action === null) return operands;
  return action === "start" ? "program" : "target";
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
