/** Types for the part of `@std/cli/parse-args` that is used; see `deno.json` and the README. */
import * as std from "deno-std/cli/parse_args.js";

/** The options of `parseArgs` that are used here. */
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  alias?: Record<string, string | readonly string[]>;
  stopEarly?: boolean;
  "--"?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What `parseArgs` returns: the options by name, and the rest. */
export interface ParsedArgs {
  _: (string | number)[];
  // deno-lint-ignore no-explicit-any
  [name: string]: any;
}

export const parseArgs: (args: string[], options?: ParseOptions) => ParsedArgs = std.parseArgs;
