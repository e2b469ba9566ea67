/** Where a command runs: its settings, and who it is to the server. */
import type { Caller } from "../protocol/process.ts";
import type { Invocation } from "./parse.ts";
import { readSettings, type Settings } from "./settings.ts";
import { outputTerminal } from "./terminal/size.ts";
import { UsageError } from "./usage_error.ts";

/** The settings of a command, from its options, the environment and the current directory. */
export function settingsOf(invocation: Invocation): Settings {
  let directory: string;
  try {
    directory = Deno.cwd();
  } catch (error) {
    throw new UsageError(
      error instanceof Deno.errors.InvalidData
        ? "The path of the current directory is not UTF-8."
        : "The current directory has been removed.",
      "cd",
    );
  }
  return readSettings(invocation.options, Deno.env.toObject(), directory);
}

/** Who asks, with everything that a start needs. */
export function startingCaller(settings: Settings): Caller {
  const { environment, directory } = settings;
  return {
    name: "terminal",
    environment,
    working_directory: directory,
    terminal: outputTerminal(),
  };
}

/** Who asks, for everything else. */
export function callerOf(settings: Settings): Caller {
  return { name: "terminal", working_directory: settings.directory };
}
