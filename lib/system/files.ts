/**
 * Files that only this user may read, written so that a crash leaves the old or the new text. Links
 * in place of them are not followed: what they point to is none of ours.
 */
import { quoteCommandLine } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { basename, dirname, join } from "@std/path";
import { explainStorage } from "./storage_failure.ts";

/**
 * Makes a directory, and its parents, that only this user may enter.
 *
 * @throws {PersistprocError} `storage` when it cannot be made, or a symbolic link is in its place.
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  try {
    await makePrivateDirectory(path);
  } catch (error) {
    throw explainStorage(error, path);
  }
  refuseLinkSync(path);
}

/** The same, where what is in its place may be a link. Throws what the system throws. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Replaces a file by one with this text, mode 0600. A reader sees the old or the new text, never a
 * part (rename(2)).
 *
 * @throws {PersistprocError} `storage` when the system refuses it.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}`);
  try {
    await Deno.writeTextFile(draft, text, { mode: 0o600, createNew: true });
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw explainStorage(error, path);
  }
}

/** Whether there is a file of that name; a directory or a device is none. */
export function isFileSync(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * The text of a file, or null when there is none.
 *
 * @throws {PersistprocError} `storage` when the system does not let it be read.
 */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainStorage(error, path, "read");
  }
}

/** Removes a file, or a link and not what it points to; what is not there is removed. */
export async function removeIfThere(path: string, options?: Deno.RemoveOptions): Promise<void> {
  try {
    await Deno.remove(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The same as {@linkcode removeIfThere}, at once. */
export function removeIfThereSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Opens a file for reading and writing, or for appending; makes it with mode 0600 if it is not there
 * and `create` is not false.
 *
 * @throws {PersistprocError} `storage` when it is a symbolic link; nothing was changed then.
 */
export function openPrivateFileSync(
  path: string,
  options: { append?: boolean; create?: boolean } = {},
): Deno.FsFile {
  const { append = false, create = true } = options;
  const access = { read: true, write: !append, append };
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, access);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || !create) throw error;
    try {
      // Follows no link, not even to what is not there (open(2), O_EXCL).
      return Deno.openSync(path, { ...access, createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      refuseLinkSync(path);
      return openPrivateFileSync(path, options);
    }
  }
  // Deno has no O_NOFOLLOW. What was opened is compared with what bears the name, before any use.
  const [opened, named] = [file.statSync(), Deno.lstatSync(path)];
  if (opened.ino === named.ino && opened.dev === named.dev) return file;
  file.close();
  if (named.isSymlink) throw linkInTheWay(path);
  // Somebody has put another file in its place.
  return openPrivateFileSync(path, options);
}

/**
 * Checks that a name does not stand for a symbolic link; it may stand for nothing.
 *
 * @throws {PersistprocError} `storage` when it does.
 */
export function refuseLinkSync(path: string): void {
  try {
    if (!Deno.lstatSync(path).isSymlink) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw linkInTheWay(path);
}

function linkInTheWay(path: string): PersistprocError {
  return new PersistprocError(
    "storage",
    `${path} is a symbolic link, which is not followed here.`,
    { hint: `Remove it: rm ${quoteCommandLine([path])}` },
  );
}
