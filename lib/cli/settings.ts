/** What applies to every command: from its options, the environment, and the defaults. */
import { DEFAULT_PORT } from "../protocol/limits.ts";
import { defaultDataDirectory } from "../system/paths.ts";
import { absolutePath, type OptionValues, readPort } from "./values.ts";

/** The settings of one command. */
export interface Settings {
  port: number;
  /** Somebody asked for this port: another one would not do. */
  portGiven: boolean;
  dataDirectory: string;
  format: "text" | "json";
  /** `-v` minus `-q`. */
  verbosity: number;
  /** The environment of the caller, untouched. */
  environment: Record<string, string>;
  /** The directory of the caller. */
  directory: string;
}

/** Reads the settings; options win over the environment. */
export function readSettings(
  options: OptionValues,
  environment: Record<string, string>,
  directory: string,
): Settings {
  const fromEnvironment = readPort(environment["PERSISTPROC_PORT"] ?? "");
  const port = options.number("port") ?? fromEnvironment;
  const directoryText = environment["PERSISTPROC_DATA_DIR"];
  const context = { directory, home: environment["HOME"], now: 0 };
  return {
    port: port ?? DEFAULT_PORT,
    portGiven: port !== null,
    dataDirectory: options.text("data-dir") ??
      (directoryText
        ? absolutePath(directoryText, context)
        : defaultDataDirectory(environment, Deno.build.os)),
    format: (options.text("format") ?? environment["PERSISTPROC_FORMAT"]) === "json"
      ? "json"
      : "text",
    verbosity: (options.number("verbose") ?? 0) - (options.number("quiet") ?? 0),
    environment,
    directory,
  };
}
