/** Which runs an output of a target reads. */
import { PersistprocError } from "../protocol/errors.ts";
import type { RunsResult, Target } from "../protocol/requests.ts";
import type { Client } from "./client.ts";

/**
 * The runs of a target; of a command that runs in several directories, the one of this directory.
 *
 * @throws {PersistprocError} when there is none, or still more than one is meant.
 */
export async function findRuns(
  client: Client,
  target: Target,
  all: boolean,
  directory: string,
): Promise<RunsResult> {
  try {
    return await client.runs(target, all);
  } catch (error) {
    const ambiguous = error instanceof PersistprocError && error.code === "ambiguous";
    if (!ambiguous || target.working_directory !== undefined) throw error;
    const narrowed = { ...target, working_directory: directory };
    // Of the two errors the first one names the candidates.
    return await client.runs(narrowed, all).catch(() => Promise.reject(error));
  }
}
