/** Files that only this user may read, written so that a crash leaves the old or the new text. */
import { explainDiskFull } from "./disk_full.ts";
import { basename, dirname, join } from "@std/path";

/** Makes a directory, and its parents, that only this user may enter. */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainDiskFull(error, path);
  }
}

/**
 * Replaces a file by one with this text, mode 0600. A reader sees the old or the new text, never a
 * part (rename(2)).
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}`);
  try {
    await Deno.writeTextFile(draft, text, { mode: 0o600, createNew: true });
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw explainDiskFull(error, path);
  }
}

/** The text of a file, or null when there is none. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
