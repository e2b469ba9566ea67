/** What the operands mean: the program to start, or the process that is meant. */
import { needsShell, splitCommandLine } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { Target } from "../protocol/requests.ts";
import { isFileSync } from "../system/files.ts";
import { type Invocation, looksLikeOption } from "./parse.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The command to start. Several words are an argument list as they stand; a single word with a space
 * is a command line, unless a file has that name.
 *
 * @throws {UsageError} when it is no command line.
 */
export function programTarget(operands: readonly string[]): Target {
  const word = operands[0] ?? "";
  if (operands.length > 1 || !/\s/.test(word) || isFileSync(word)) {
    return { command: [...operands] };
  }
  try {
    if (!needsShell(word)) splitCommandLine(word);
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    throw new UsageError(error.message, `persistproc run -- PROGRAM ARGS`);
  }
  return { command_or_label: word };
}

/**
 * The process that is meant: a number is a PID, one word a label or a command line, several words a
 * command. `--label` names a label.
 *
 * @throws {UsageError} when nothing, or too much, is named.
 */
export function processTarget(invocation: Invocation): Target {
  const { operands, options, command, action } = invocation;
  const name = action ? `${command.name} ${action}` : command.name;
  const target: Target = {};
  const label = options.text("label");
  if (label) target.label = label;
  const directory = options.text("working-directory");
  if (directory) target.working_directory = directory;
  const word = operands[0];
  if (word === undefined) {
    if (label || command.operands === "optional target") return target;
    throw new UsageError(`"${name}" needs a PID, a label or a command.`, "persistproc list");
  }
  if (/^\d{1,10}$/.test(word)) {
    if (operands.length === 1) return { ...target, pid: Number(word) };
    const misplaced = operands.slice(1).find((operand) => looksLikeOption(operand, command));
    if (misplaced) {
      throw new UsageError(
        `Options come before the target: ${misplaced} would belong to "${word}".`,
        `persistproc ${name} ${operands.slice(1).join(" ")} ${word}`,
      );
    }
  }
  return operands.length === 1
    ? { ...target, command_or_label: word }
    : { ...target, command: [...operands] };
}

/**
 * Adds to "not found" what it is mostly due to when an option of ours stands behind the target.
 * For `catch`: rethrows.
 */
export function explainTarget(invocation: Invocation): (error: unknown) => never {
  return (error) => {
    const { command, operands } = invocation;
    const misplaced = operands.slice(1).find((operand) => looksLikeOption(operand, command));
    if (!(error instanceof PersistprocError) || error.code !== "not_found" || !misplaced) {
      throw error;
    }
    throw new PersistprocError(error.code, error.message, {
      candidates: error.candidates,
      hint: `${misplaced} was taken for a part of the command: options come before the target.`,
    });
  };
}
