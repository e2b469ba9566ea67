/** Giving the beginning of a file back to the file system while somebody appends to it. */

import { refuseLinkSync } from "./files.ts";

/** What became of it: where it is `unsupported`, it will be so again. */
export type PunchOutcome = "punched" | "unsupported" | { failed: string };

/** Frees the first `length` bytes of a file, which then read as NULs; its size stays. */
export type PunchHole = (path: string, length: number) => Promise<PunchOutcome>;

/**
 * `fallocate --punch-hole` (fallocate(1) of util-linux, fallocate(2)).
 *
 * @throws {PersistprocError} `storage` when the path is a symbolic link.
 */
export const punchHole: PunchHole = async (path, length) => {
  if (Deno.build.os !== "linux") return "unsupported";
  refuseLinkSync(path);
  try {
    const { success, stderr } = await new Deno.Command("fallocate", {
      args: ["--punch-hole", "--offset", "0", "--length", String(length), path],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { LC_ALL: "C" },
    }).output();
    if (success) return "punched";
    const words = new TextDecoder().decode(stderr).trim();
    // Busybox knows no such option; some file systems know no holes.
    return /not supported|(unrecognized|invalid|unknown) option|usage:/i.test(words)
      ? "unsupported"
      : { failed: words.split("\n").at(-1) ?? "" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return "unsupported";
    }
    return { failed: error instanceof Error ? error.message : String(error) };
  }
};
