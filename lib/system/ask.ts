/** Asking a program of the system for its output. */

/**
 * What a program writes to stdout, in no particular language, whatever its exit status.
 *
 * @throws what the system throws when it cannot be run.
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    env: { LC_ALL: "C" },
    signal,
  }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Runs a program and returns what it wrote to stdout, whatever its exit status; null when it is not
 * there, or may not be executed.
 */
export type AskProgram = (program: string, args: readonly string[]) => Promise<string | null>;

/** `lsof` hangs where a network file system does (lsof(8), "BLOCKS AND TIMEOUTS"). */
const PATIENCE_MILLISECONDS = 5_000;

/** Asks a program of this system; one that hangs is killed. */
export const askProgram: AskProgram = async (program, args) => {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MILLISECONDS);
  try {
    return await outputOf(program, args, patience.signal);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return null;
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
