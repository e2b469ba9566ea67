/** The parameter `working_directory`. */
import { isAbsolute } from "@std/path";
import { PersistprocError } from "../../protocol/errors.ts";
import { shorten } from "../../protocol/shorten.ts";
import type { ToolProcesses } from "./tool.ts";

/** Other directories that are named at most, and characters of one that may not exist. */
const MOST_NAMED = 3;
const LONGEST_NAME = 1_000;

/**
 * The directory that a call names; none for an empty one, which models fill in for one left out.
 *
 * @throws {PersistprocError} `invalid_request` for a relative one.
 */
export function absoluteDirectory(path: string | undefined): string | undefined {
  if (!path) return undefined;
  if (isAbsolute(path)) return path;
  throw new PersistprocError("invalid_request", "working_directory must be an absolute path.", {
    hint: "The server does not know your current directory.",
  });
}

/** Says that nothing matches in a directory, which may be mistyped, and where there is something. */
export async function nothingIn(directory: string, processes: ToolProcesses): Promise<string> {
  const known = await processes.runs({}, true);
  const others = [...new Set(known.map(({ working_directory }) => working_directory))]
    .filter((other) => other !== directory);
  const more = others.length - MOST_NAMED;
  const where = others.length === 0
    ? "nor anywhere else"
    : `but there are processes in ${others.slice(0, MOST_NAMED).join(", ")}` +
      (more > 0 ? ` and ${more} more` : "");
  return `No process matches in ${shorten(directory, LONGEST_NAME)}, ${where}.`;
}
