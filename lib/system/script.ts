/**
 * Pseudo-terminals through script(1), which every system has: Deno can make none without foreign
 * functions. It copies between the terminal and its own standard input and output.
 */
import { PersistprocError } from "../protocol/errors.ts";
import { isFileSync } from "./files.ts";

/** How a script is told what to run. */
export type ScriptForm =
  /** `-c LINE`, which the shell `$SHELL` runs: util-linux, busybox. */
  | "line"
  /** The words of the command behind the file: macOS, the BSDs. */
  | "words";

/** The `script` of this system. */
export interface Script {
  path: string;
  form: ScriptForm;
}

const PLACES = ["/usr/bin/script", "/bin/script", "/usr/local/bin/script"];

/** Finds the `script` of this system; null when it has none. */
export function findScript({ os = Deno.build.os, places = PLACES } = {}): Script | null {
  const path = places.find(isFileSync);
  if (path === undefined) return null;
  return { path, form: os === "linux" ? "line" : "words" };
}

/** What to install for it, by the names of the distributions. */
export const SCRIPT_PACKAGES =
  "bsdutils (Debian, Ubuntu), util-linux-script (Fedora), util-linux-misc (Alpine), else util-linux";

/**
 * The same.
 *
 * @throws {PersistprocError} `spawn_failed` when there is none.
 */
export function requireScript(script = findScript()): Script {
  if (script !== null) return script;
  throw new PersistprocError(
    "spawn_failed",
    "A program gets a terminal by the system's `script`, which is not installed.",
    { hint: `Install the package ${SCRIPT_PACKAGES}, or start it without pty.` },
  );
}

/**
 * The words that run a script file of `shell` on a new terminal. Its records go nowhere: what the
 * terminal shows goes to the standard output, without the lines that say when it began and ended.
 *
 * `$SHELL` has to be `shell`, too: a shell of another kind might not understand the line.
 */
export function scriptCommand(script: Script, shell: readonly string[], file: string): string[] {
  const words = [...shell, file];
  return script.form === "words"
    ? [script.path, "-q", "/dev/null", ...words]
    : [script.path, "-q", "-c", `exec ${quoteForSh(words)}`, "/dev/null"];
}

/** Words for a POSIX shell: whatever is in them, it takes them as they are. */
export function quoteForSh(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
