/** Regular expressions as callers write them, and whether they can be run without a time limit. */
import { PersistprocError } from "../protocol/errors.ts";
import { shorten } from "../protocol/shorten.ts";

/** An expression that compiles. */
export interface Expression {
  source: string;
  flags: "" | "i";
  /**
   * V8 can run it in time proportional to the text: its backtracking engine hands over to the linear
   * one when it gets lost. Without the V8 options named in `deno.json`, nothing is known to be so.
   */
  linear: boolean;
}

const LONGEST_SOURCE = 1_000;

/** What is wrong with a text that is no expression. */
export interface ExpressionProblem {
  /** To follow its name in a sentence. */
  problem: string;
  hint: string;
}

/**
 * Compiles the expression that was given as `parameter`; see {@linkcode readExpression}.
 *
 * @throws {PersistprocError} `invalid_request` when it is no expression.
 */
export function parseExpression(text: string, parameter: string): Expression {
  const read = readExpression(text);
  if (!("problem" in read)) return read;
  const { problem, hint } = read;
  throw new PersistprocError("invalid_request", `${parameter} ${problem}.`, { hint });
}

/** Compiles an expression. A leading `(?i)`, which other tools know, makes it ignore case. */
export function readExpression(text: string): Expression | ExpressionProblem {
  if (text === "" || text.length > LONGEST_SOURCE) {
    return {
      problem: text === ""
        ? "is an empty expression, which every line matches"
        : `has ${text.length} characters; at most ${LONGEST_SOURCE} are taken`,
      hint: "Give a regular expression such as error|warning.",
    };
  }
  const ignoresCase = text.startsWith("(?i)");
  const source = ignoresCase ? text.slice(4) : text;
  const flags = ignoresCase ? "i" : "";
  try {
    new RegExp(source, flags);
  } catch (error) {
    const why = error instanceof Error ? error.message.split(": ").at(-1) : String(error);
    return {
      problem: `is no regular expression (JavaScript's): ${why}, in ${shownExpression(text)}`,
      hint: "Put a backslash before each of ( ) [ ] { } . * + ? | ^ $ that is meant literally.",
    };
  }
  return { source, flags, linear: isLinear(source, flags) };
}

/** The `l` flag is refused for what the linear engine cannot run, and altogether where it is off. */
function isLinear(source: string, flags: string): boolean {
  try {
    new RegExp(source, `${flags}l`);
    return true;
  } catch {
    return false;
  }
}

/** An expression as an error names it. */
export function shownExpression(text: string): string {
  return shorten(text, 80);
}
