/** Programs on PATH. */
import { join } from "@std/path";

/** Whether a bare word names a program: an executable file in a directory of PATH. */
export function isOnPath(word: string, path: string): boolean {
  return path.split(":").some((directory) => {
    try {
      const { isFile, mode } = Deno.statSync(join(directory || ".", word));
      return isFile && (mode === null || (mode & 0o111) !== 0);
    } catch {
      return false;
    }
  });
}
