/** The help texts, from the command table. Each fits a screen of 24 lines of 80 columns. */
import { definitions, readableWidth, wrap } from "./format/wrap.ts";
import { COMMON, type OptionSpec } from "./options.ts";
import { COMMANDS, type CommandSpec } from "./table.ts";

const PROGRAM = "a program with all that follows it, options included";
const TARGET = "a PID, a label, or a command with all that follows it";

/** A row for each option, with room for the short names where one of them has one. */
function optionRows(specs: readonly OptionSpec[]): [string, string][] {
  const room = specs.some(({ short }) => short) ? "    " : "";
  return specs.map((spec) => optionRow(spec, room));
}

function optionRow(spec: OptionSpec, room: string): [string, string] {
  const short = spec.short ? `-${spec.short}, ` : room;
  const value = spec.value ? ` ${spec.value}` : "";
  const choices = spec.choices && !spec.help.includes(spec.choices.at(-1) ?? "")
    ? `: ${spec.choices.join(", ")}`
    : "";
  const fallback = spec.default ? ` [${spec.default}]` : "";
  return [`${short}--${spec.name}${value}`, `${spec.help}${choices}${fallback}`];
}

/** Options by nothing but their shortest names. */
function namesOf(options: readonly OptionSpec[]): string {
  return options.map(({ name, short }) => short ? `-${short}` : `--${name}`).join(", ");
}

/** An option whose name says it all. */
function plainly({ name, short, choices }: OptionSpec): string {
  const both = short ? `-${short} or --${name}` : `--${name}`;
  return choices ? `${both} ${choices.join("|")}` : both;
}

/** A command to copy: a line that is gone on with ends as a shell has it. */
function commandLines(command: string, width: number, first: string): string[] {
  const rest = " ".repeat(first.length);
  return wrap(command, width, { first, rest: `${rest}    `, end: " \\" });
}

/** What stands behind a command's options, as the usage line shows it. */
function operandsText(command: CommandSpec): string {
  switch (command.operands) {
    case "none":
      return "";
    case "program":
      return " [--] PROGRAM [ARGS...]";
    case "target":
      return " TARGET";
    case "optional target":
      return " [TARGET]";
    case "optional agent":
      return " [NAME]";
    case "shell":
      return " SHELL";
    case "action":
      return ` ${command.actions.join("|")} TARGET`;
  }
}

/** What the names in the usage line mean. */
function termsOf({ operands }: CommandSpec): [string, string][] {
  switch (operands) {
    case "program":
      return [["PROGRAM:", PROGRAM]];
    case "target":
    case "optional target":
      return [["TARGET:", TARGET]];
    case "action":
      return [["TARGET:", `${TARGET}; of start, a program`]];
    default:
      return [];
  }
}

/** The help of the whole program, for a terminal of so many columns. */
export function programHelp(columns: number): string {
  const width = readableWidth(columns);
  const commands = COMMANDS.map((command): [string, string] => [
    [command.name, ...command.aliases].join(", "),
    command.summary,
  ]);
  const explained = COMMON.filter(({ value, choices }) => value && !choices);
  const plain = COMMON.filter((option) => !explained.includes(option));
  return [
    ...wrap("Usage: persistproc PROGRAM [ARGS...] or persistproc COMMAND [OPTIONS] ...", width, {
      rest: "       ",
    }),
    "",
    ...definitions(commands, width, "  "),
    "",
    ...wrap(
      "Options of every command; COMMAND --help has the others, and examples:",
      width,
    ),
    ...definitions(optionRows(explained), width, "  "),
    ...wrap(plain.map(plainly).join(", "), width, { first: "  " }),
    "",
  ].join("\n");
}

/** The help of one command, for a terminal of so many columns. */
export function commandHelp(command: CommandSpec, columns: number): string {
  const width = readableWidth(columns);
  const { name, summary, examples, aliases, options } = command;
  const own = options.filter(({ explainedBy = name }) => explainedBy === name);
  const elsewhere = options.filter((option) => !own.includes(option));
  const narrow = width < 60;
  const heading = (title: string) => narrow ? [title] : [];
  const lead = (title: string) => narrow ? "  " : title.padEnd("Examples: ".length);
  return [
    ...wrap(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`, width),
    "",
    ...heading("Usage:"),
    ...wrap(`persistproc ${name} [OPTIONS]${operandsText(command)}`, width, {
      first: lead("Usage:"),
      rest: `${lead("")}    `,
    }),
    ...heading("Examples:"),
    ...examples.flatMap((example, i) =>
      commandLines(example, width, lead(i === 0 ? "Examples:" : ""))
    ),
    ...aliases.length === 0 ? [] : [...heading("Alias:"), `${lead("Alias:")}${aliases.join(", ")}`],
    ...termsOf(command).flatMap(([term, meaning]) => [
      ...heading(term),
      ...wrap(meaning, width, { first: lead(term), rest: lead("") }),
    ]),
    "",
    ...own.length === 0 ? [] : ["Options:", ...definitions(optionRows(own), width, "  ")],
    ...elsewhere.length === 0 ? [] : wrap(
      `and, as \`persistproc ${elsewhere[0]?.explainedBy} --help\` explains: ${namesOf(elsewhere)}`,
      width,
      { first: "  ", rest: "      " },
    ),
    ...wrap(`See persistproc --help for ${namesOf(COMMON)}`, width, { rest: "  " }),
    "",
  ].join("\n");
}
