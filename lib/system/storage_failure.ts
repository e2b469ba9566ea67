/** What the file system refuses: why, in words for a user. */
import { PersistprocError } from "../protocol/errors.ts";

/** Whether something failed because a disk, or this user's share of it, is full (errno(3)). */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** The system's words for a failure, such as "permission denied"; null when they are not its own. */
export function systemWords(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof PersistprocError) return null;
  return /^(.*?) \(os error \d+\)/.exec(error.message)?.[1]?.toLowerCase() ?? null;
}

/** The failure to use a file or directory, for a user, when the system refused it; else the same error. */
export function explainStorage(
  error: unknown,
  path: string,
  use: "read" | "written" = "written",
): unknown {
  if (error instanceof PersistprocError) return error;
  if (isDiskFull(error)) {
    return new PersistprocError("storage", `The disk is full: ${path} could not be ${use}.`, {
      hint: "Make room on it. What runs goes on; what could not be written is tried again.",
    });
  }
  const why = systemWords(error);
  if (why === null) return error;
  return new PersistprocError("storage", `${path} could not be ${use}: ${why}.`, {
    hint: "Correct what is there, its owner or its mode, then try again. What runs goes on.",
  });
}
