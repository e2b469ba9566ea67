/** The help texts, from the command table. */
import { COMMON, type OptionSpec } from "./options.ts";
import { COMMANDS, type CommandSpec } from "./table.ts";

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function optionRow(spec: OptionSpec): [string, string] {
  const short = spec.short ? `-${spec.short}, ` : "    ";
  const value = spec.value ? ` ${spec.value}` : "";
  const choices = spec.choices && !spec.help.includes(spec.choices.slice(-1)[0] ?? "")
    ? `: ${spec.choices.join(", ")}`
    : "";
  const fallback = spec.default ? ` [${spec.default}]` : "";
  return [`${short}--${spec.name}${value}`, `${spec.help}${choices}${fallback}`];
}

/** What stands behind a command's options, as the usage line shows it. */
export function operandsText(command: CommandSpec): string {
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
    case "action":
      return ` ${command.actions.join("|")} TARGET`;
  }
}

/** The help of the whole program. */
export function programHelp(): string {
  const commands = COMMANDS.map((command): [string, string] => [
    [command.name, ...command.aliases].join(", "),
    command.summary,
  ]);
  return [
    "Keeps long-running programs for you and your agents: start once, see and control from anywhere.",
    "",
    "Usage: persistproc PROGRAM [ARGS...]",
    "       persistproc COMMAND [OPTIONS] ...",
    "",
    "Commands:",
    ...columns(commands),
    "",
    "Options of every command, before its program or target:",
    ...columns(COMMON.map(optionRow)),
    "",
    "More: persistproc COMMAND --help",
    "",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: CommandSpec): string {
  const lines = [
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    "",
    `Usage: persistproc ${command.name} [OPTIONS]${operandsText(command)}`,
  ];
  if (command.aliases.length > 0) lines.push(`Alias: ${command.aliases.join(", ")}`);
  if (command.operands === "target" || command.operands === "optional target") {
    lines.push(
      "",
      "TARGET is a PID, a label, or a command; several words are one command. --label LABEL names",
      "a label only.",
    );
  }
  if (command.operands !== "none" && command.operands !== "optional agent") {
    lines.push("", "Whatever follows the program or target belongs to it, options included.");
  }
  lines.push(
    "",
    "Options:",
    ...columns([...command.options, ...COMMON].map(optionRow)),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
  );
  return lines.join("\n");
}
