/** The values of options: text in, checked values out. */
import { resolve } from "@std/path";
import { readExpression } from "../logs/expression.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { parseTime } from "../protocol/time.ts";
import type { OptionSpec } from "./options.ts";

/** What an option's text means. */
export type OptionValue = boolean | number | string | Record<string, string>;

/** The options that were given, by name. */
export class OptionValues {
  readonly #values = new Map<string, OptionValue>();

  /** Notes one more option; the last of a name wins, counts add up. */
  set(spec: OptionSpec, value: OptionValue): void {
    const before = this.#values.get(spec.name);
    const sum = spec.kind === "count" && typeof before === "number" && typeof value === "number";
    this.#values.set(spec.name, sum ? before + value : value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  environment(name: string): Record<string, string> | undefined {
    const value = this.#values.get(name);
    return typeof value === "object" ? value : undefined;
  }
}

/** What a reader of option texts may depend on. */
export interface ValueContext {
  /** The directory relative paths start at. */
  directory: string;
  home: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A path as the user wrote it, made absolute; `~/` is the home directory. */
export function absolutePath(text: string, context: ValueContext): string {
  const path = context.home && (text === "~" || text.startsWith("~/"))
    ? context.home + text.slice(1)
    : text;
  return resolve(context.directory, path);
}

/** A port, or null when the text names none. */
export function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function readEnvironment(text: string): Record<string, string> | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "is not a JSON object";
  }
  for (const [name, entry] of Object.entries(value)) {
    if (typeof entry !== "string") return `gives ${name} a value that is not a string`;
    if (name === "" || /[=\0]/.test(name)) return `has the impossible name ${JSON.stringify(name)}`;
  }
  return value as Record<string, string>;
}

/**
 * Reads the text of one option.
 *
 * @returns the value, or `{ problem }`: what is wrong, to follow the option's name in a sentence.
 */
export function readValue(
  spec: OptionSpec,
  text: string,
  context: ValueContext,
): { value: OptionValue } | { problem: string } {
  const quoted = JSON.stringify(text);
  switch (spec.kind) {
    case "flag":
      return { value: true };
    case "count":
      return { value: 1 };
    case "text":
      return { value: text };
    case "expression": {
      const read = readExpression(text);
      return "problem" in read ? read : { value: text };
    }
    case "path":
      return text === "" ? { problem: "is empty" } : { value: absolutePath(text, context) };
    case "choice":
      return spec.choices?.includes(text)
        ? { value: text }
        : { problem: `must be one of ${spec.choices?.join(", ")}, not ${quoted}` };
    case "port": {
      const value = readPort(text);
      return value === null ? { problem: `must be 1 to 65535, not ${quoted}` } : { value };
    }
    case "integer":
      if (!/^\d+$/.test(text)) {
        return { problem: `must be a whole number from 0 on, not ${quoted}` };
      }
      return Number.isSafeInteger(Number(text))
        ? { value: Number(text) }
        : { problem: `must be at most ${Number.MAX_SAFE_INTEGER}, not ${quoted}` };
    case "seconds":
      return /^\d{1,9}(\.\d+)?$/.test(text)
        ? { value: Number(text) }
        : { problem: `must be a number of seconds from 0 on, not ${quoted}` };
    case "time":
      try {
        return { value: parseTime(text, context.now) };
      } catch (error) {
        if (!(error instanceof PersistprocError)) throw error;
        return { problem: `must be ISO 8601 or a time ago such as 5m, not ${quoted}` };
      }
    case "environment": {
      const value = readEnvironment(text);
      return typeof value === "string" ? { problem: value } : { value };
    }
  }
}
