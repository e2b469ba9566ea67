/** The directory that holds everything: made, and refused when others could write to it. */
import { quoteCommandLine } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { makePrivateDirectory } from "./files.ts";
import { explainStorage, isDiskFull, systemWords } from "./storage_failure.ts";

const GROUP_OR_OTHERS_WRITE = 0o022;

const NAME_ANOTHER = "Name one of your own: --data-dir DIR";
const NO_DIRECTORY = "it is not a directory";

/**
 * Makes a data directory unless there is one. That may be a link, but not another user's.
 *
 * @throws {PersistprocError} `storage`; see {@linkcode checkDataDirectory}.
 */
export async function ensureDataDirectory(path: string): Promise<void> {
  try {
    await makePrivateDirectory(path);
  } catch (error) {
    throw explainUnusable(error, path);
  }
  await checkDataDirectory(path);
}

/**
 * Checks that nobody else can put anything into a data directory, such as a token that he knows; one
 * that is not there is as good.
 *
 * @throws {PersistprocError} `storage`, with the command that puts it right.
 */
export async function checkDataDirectory(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw explainUnusable(error, path);
  }
  if (!info.isDirectory) throw unusable(path, NO_DIRECTORY);
  if (info.uid !== Deno.uid()) {
    throw new PersistprocError(
      "storage",
      `The data directory ${path} belongs to another user (uid ${info.uid}).`,
      { hint: NAME_ANOTHER },
    );
  }
  if (((info.mode ?? 0) & GROUP_OR_OTHERS_WRITE) !== 0) {
    throw new PersistprocError(
      "storage",
      `Other users can write to the data directory ${path}.`,
      { hint: `Keep them out: chmod 700 ${quoteCommandLine([path])}` },
    );
  }
}

function unusable(path: string, why: string): PersistprocError {
  return new PersistprocError("storage", `${path} cannot be the data directory: ${why}.`, {
    hint: NAME_ANOTHER,
  });
}

/** Why a data directory cannot be made or looked at, in the system's words where there are no better. */
function explainUnusable(error: unknown, path: string): unknown {
  if (isDiskFull(error)) return explainStorage(error, path);
  // Deno keeps programs out of the kernel's own file systems, whatever they may do elsewhere.
  if (error instanceof Deno.errors.NotCapable) {
    return unusable(path, "nothing can be kept below /dev, /proc and /sys");
  }
  if (error instanceof Deno.errors.AlreadyExists) return unusable(path, NO_DIRECTORY);
  if (error instanceof Deno.errors.NotADirectory) {
    return unusable(path, "what it lies in is not a directory");
  }
  const why = systemWords(error);
  return why === null ? error : unusable(path, why);
}
