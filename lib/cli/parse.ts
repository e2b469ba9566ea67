/** From the words of a command line to a command, its options and its operands. */
import { parseArgs } from "@std/cli/parse-args";
import { quoteCommandLine } from "../protocol/command_line.ts";
import { nearest } from "../protocol/suggest.ts";
import { optionNamed, type OptionSpec, takesValue } from "./options.ts";
import {
  allOptions,
  COMMANDS,
  type CommandSpec,
  findCommand,
  operandsOf,
  optionsOf,
} from "./table.ts";
import { UsageError } from "./usage_error.ts";
import { OptionValues, readValue, type ValueContext } from "./values.ts";

/** A command line that was understood. */
export interface Invocation {
  command: CommandSpec;
  /** For `ctrl`: which of its actions. */
  action: string | null;
  options: OptionValues;
  /** The program or target and what belongs to it, without the one `--` that is ours. */
  operands: string[];
  /** No command was named: the words are a program to run. */
  implicit: boolean;
}

/** What a command line asks for. */
export type Request =
  | { kind: "run"; invocation: Invocation }
  | { kind: "help"; command: CommandSpec | null }
  | { kind: "version" };

/** The texts given for an option, by its name; a flag has one for each time that it is given. */
type Given = Map<string, string[]>;

/** Where words stand, for the messages. */
interface Place {
  /** The whole command line. */
  argv: readonly string[];
  /** The command that they follow; empty before it. */
  command: string;
}

/**
 * Splits words behind the options at their front: whatever follows a program or target belongs to
 * that. Each option becomes one word, so that its value may begin with a dash or be empty, which
 * `parseArgs` would take for no value.
 */
function splitOptions(words: readonly string[], specs: readonly OptionSpec[], place: Place) {
  const { command } = place;
  const help = command === "" ? "persistproc --help" : `persistproc ${command} --help`;
  const front: string[] = [];
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!/^-./s.test(word) || word === "--") break;
    const [typed = ""] = word.split("=", 1);
    const spec = optionNamed(typed, specs);
    if (!spec && !/^(--|-[A-Za-z]+$)/.test(word)) throw unknownOption(typed, specs, place);
    if (spec && !takesValue(spec) && word !== typed) {
      throw new UsageError(`${typed} takes no value.`, help);
    }
    if (spec && takesValue(spec) && word === typed) {
      const value = words[++at];
      if (value === undefined) throw new UsageError(`${typed} needs a value.`, help);
      front.push(`--${spec.name}=${value}`);
    } else front.push(word);
  }
  return { front, rest: words.slice(at) };
}

/** Reads the options at the front of the words, up to the first word that is none. */
function scan(words: readonly string[], specs: readonly OptionSpec[], place: Place) {
  const { front, rest } = splitOptions(words, specs, place);
  const names = (wanted: boolean) =>
    specs.filter((spec) => takesValue(spec) === wanted).map(({ name }) => name);
  const unknown: string[] = [];
  const parsed = parseArgs(front, {
    boolean: names(false),
    string: names(true),
    collect: specs.map(({ name }) => name),
    alias: Object.fromEntries(
      specs.flatMap(({ name, short }) => short === undefined ? [] : [[name, short]]),
    ),
    unknown: (word, letter) => {
      unknown.push(word.startsWith("--") ? word.split("=", 1)[0] ?? word : `-${letter}`);
      return false;
    },
  });
  if (unknown[0] !== undefined) throw unknownOption(unknown[0], specs, place);
  const given: Given = new Map();
  for (const { name } of specs) {
    const texts = [parsed[name]].flat().map(String);
    if (texts.length > 0) given.set(name, texts);
  }
  return { given, rest };
}

function unknownOption(typed: string, specs: readonly OptionSpec[], place: Place): UsageError {
  const { argv, command } = place;
  const near = typed.startsWith("--")
    ? nearest(typed.slice(2), specs.map((spec) => spec.name))
    : null;
  return near === null
    ? new UsageError(
      `There is no option ${typed}.`,
      `persistproc ${command === "" ? "" : `${command} `}--help`,
    )
    : new UsageError(
      `There is no option ${typed}; did you mean --${near}?`,
      corrected(argv, typed, `--${near}`),
    );
}

/** The whole command line, with the word that was mistyped put right. */
function corrected(argv: readonly string[], typed: string, right: string): string {
  const at = argv.findIndex((word) => word === typed || word.startsWith(`${typed}=`));
  const word = right + (argv[at]?.slice(typed.length) ?? "");
  return quoteCommandLine(["persistproc", ...argv.toSpliced(at, 1, word)]);
}

function readValues(given: Given, command: CommandSpec, context: ValueContext) {
  const values = new OptionValues();
  const known = optionsOf(command);
  const help = `persistproc ${command.name} --help`;
  for (const [name, texts] of given) {
    const spec = known.find((option) => option.name === name);
    if (!spec) throw new UsageError(`"${command.name}" has no option --${name}.`, help);
    for (const text of texts) {
      const read = readValue(spec, text, context);
      if ("problem" in read) throw new UsageError(`--${name} ${read.problem}.`, help);
      values.set(spec, read.value);
    }
  }
  return values;
}

/** All that was given before and behind a command's name. */
function together(...parts: readonly Given[]): Given {
  const all: Given = new Map();
  for (const [name, texts] of parts.flatMap((part) => [...part])) {
    all.set(name, [...all.get(name) ?? [], ...texts]);
  }
  return all;
}

/** Drops the one `--` that stands directly before the first operand or directly after it. */
function dropSeparator(words: readonly string[]): string[] {
  if (words[0] === "--") return words.slice(1);
  return words[1] === "--" ? [...words.slice(0, 1), ...words.slice(2)] : [...words];
}

function checkOperands(command: CommandSpec, action: string | null, operands: readonly string[]) {
  const name = action ? `${command.name} ${action}` : command.name;
  const kind = operandsOf(command, action);
  if (kind === "none" && operands.length > 0) {
    throw new UsageError(
      `"${name}" takes no "${operands[0]}".`,
      command.name === "list"
        ? quoteCommandLine(["persistproc", "list", "--command-or-label", ...operands.slice(0, 1)])
        : `persistproc ${name}`,
    );
  }
  if (kind === "shell" && (operands.length !== 1 || !command.actions.includes(operands[0] ?? ""))) {
    throw new UsageError(
      `"${name}" needs one of ${command.actions.join(", ")}.`,
      `persistproc ${name} ${nearest(operands[0] ?? "", command.actions) ?? "bash"}`,
    );
  }
  if (kind === "program" && operands.length === 0) {
    throw new UsageError(`"${name}" needs a program.`, `persistproc ${name} npm run dev`);
  }
  if (operands.length > 0 && operands[0]?.trim() === "") {
    throw new UsageError(
      kind === "program" ? "The command is empty." : "The target is empty.",
      kind === "program" ? `persistproc ${name} npm run dev` : `persistproc ${name} LABEL`,
    );
  }
}

/** `persistproc lst` and the like: a word that was probably meant as a command. */
function checkMistyped(
  word: string,
  argv: readonly string[],
  isProgram: (word: string) => boolean,
): void {
  if (/[\s/]/.test(word) || isProgram(word)) return;
  const fixed: Record<string, string> = { help: "--help", version: "--version" };
  const near = fixed[word] ??
    nearest(word, COMMANDS.flatMap((command) => [command.name, ...command.aliases]));
  if (!near) return;
  throw new UsageError(
    `"${word}" is neither a command nor a program on PATH; did you mean ${near}?`,
    corrected(argv, word, near),
  );
}

/**
 * Understands a command line.
 *
 * @param isProgram Whether a bare word names a program on PATH.
 * @throws {UsageError} when it cannot be meant.
 */
export function parse(
  argv: readonly string[],
  context: ValueContext & { isProgram: (word: string) => boolean },
): Request {
  const head = scan(argv, allOptions(), { argv, command: "" });
  if (head.given.has("version")) return { kind: "version" };
  const word = head.rest[0];
  const named = word === undefined ? findCommand("serve") : findCommand(word);
  const command = named ?? findCommand("run");
  if (!command) throw new Error("the table has no serve or run");
  if (head.given.has("help")) {
    return { kind: "help", command: word === undefined ? null : named ?? null };
  }

  const implicit = named === undefined;
  if (implicit) {
    const operands = dropSeparator(head.rest);
    checkOperands(command, null, operands);
    if (word !== undefined && word !== "--") checkMistyped(word, argv, context.isProgram);
    const options = readValues(head.given, command, context);
    return { kind: "run", invocation: { command, action: null, options, operands, implicit } };
  }

  const place = { argv, command: command.name };
  const body = scan(head.rest.slice(1), optionsOf(command), place);
  let given = together(head.given, body.given);
  let rest: readonly string[] = body.rest;
  let action: string | null = null;
  if (command.operands === "action" && !given.has("help") && !given.has("version")) {
    action = rest[0] ?? null;
    if (action === null || !command.actions.includes(action)) {
      throw new UsageError(
        `"${command.name}" needs one of ${command.actions.join(", ")}${
          action === null ? "" : `, not "${action}"`
        }.`,
        `persistproc ${command.name} ${nearest(action ?? "", command.actions) ?? "restart"} LABEL`,
      );
    }
    const tail = scan(rest.slice(1), optionsOf(command), place);
    given = together(given, tail.given);
    rest = tail.rest;
  }
  if (given.has("version")) return { kind: "version" };
  if (given.has("help")) return { kind: "help", command };
  const operands = dropSeparator(rest);
  checkOperands(command, action, operands);
  const options = readValues(given, command, context);
  return { kind: "run", invocation: { command, action, options, operands, implicit } };
}

/** Whether a word is spelled like one of the options of a command, or of every command. */
export function looksLikeOption(word: string, command: CommandSpec): boolean {
  const [name = ""] = word.split("=", 1);
  return optionNamed(name, optionsOf(command)) !== undefined;
}
