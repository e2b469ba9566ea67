/** Where in a command line its last word stands. Unlike parsing, this understands unfinished ones. */
import { COMMON, optionNamed, type OptionSpec, takesValue } from "../options.ts";
import { type CommandSpec, findCommand, type Operands, operandsOf, optionsOf } from "../table.ts";

/** The place of the word that is being typed. */
export interface Position {
  /** The command so far; `run` where a program takes the place of one. */
  command: CommandSpec | null;
  /** Of `ctrl`. */
  action: string | null;
  /** What operands mean here; null as long as the command, or its action, is open. */
  operands: Operands | null;
  /** The index of the first operand; that of the word itself when there is none yet. */
  from: number;
  /** The option whose value the word is. */
  valueOf: OptionSpec | null;
  /** The options that may stand here, without those that were given. */
  options: readonly OptionSpec[];
  /** What was given so far, the values as texts. */
  given: ReadonlyMap<OptionSpec, string>;
}

/** Finds the place of the word behind `words`. */
export function findPosition(words: readonly string[]): Position {
  let command: CommandSpec | null = null;
  let action: string | null = null;
  let from: number | null = null;
  let valueOf: OptionSpec | null = null;
  const given = new Map<OptionSpec, string>();
  const run = findCommand("run") ?? null;

  for (let at = 0; at < words.length && from === null; at++) {
    const word = words[at] ?? "";
    if (word === "--") from = at + 1;
    else if (/^-./s.test(word)) {
      const [name = "", ...value] = word.split("=");
      const spec = optionNamed(name, known());
      if (!spec) continue;
      if (!takesValue(spec) || value.length > 0) given.set(spec, value.join("="));
      else if (at + 1 === words.length) valueOf = spec;
      else given.set(spec, words[++at] ?? "");
    } else if (command === null) {
      command = findCommand(word) ?? null;
      if (command === null) from = at;
    } else if (command.operands === "action" && action === null) action = word;
    else from = at;
  }

  if (from !== null) command ??= run;
  return {
    command,
    action,
    operands: command === null || (command.operands === "action" && action === null)
      ? null
      : operandsOf(command, action),
    from: from ?? words.length,
    valueOf,
    options: from === null
      ? known().filter((spec) => spec.kind === "count" || !given.has(spec))
      : [],
    given,
  };

  function known(): readonly OptionSpec[] {
    return command === null ? [...COMMON, ...run?.options ?? []] : optionsOf(command);
  }
}
