/** A file system without room, as the system reports it. */
import { PersistprocError } from "../protocol/errors.ts";

/** Whether something failed because a disk, or this user's share of it, is full (errno(3)). */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT" ||
    (error instanceof PersistprocError && error.code === "storage");
}

/** The failure to write below a directory, for a user, when it is that; else the same error. */
export function explainDiskFull(error: unknown, path: string): unknown {
  if (!isDiskFull(error) || error instanceof PersistprocError) return error;
  return new PersistprocError("storage", `The disk is full: ${path} could not be written.`, {
    hint: "Make room on it. What runs goes on; what could not be written is tried again.",
  });
}
