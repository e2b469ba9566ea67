/**
 * Logs as somebody finds them who comes at any moment: one has no name before its program begins, nor
 * in the instant in which the name is moved (`lib/logs/diversion.ts`). Then it is empty.
 */

/** What a log holds now. */
export async function logText(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(unlessMissing(""));
}

/** How many bytes it holds now. */
export async function logSize(path: string): Promise<number> {
  return await Deno.stat(path).then(({ size }) => size, unlessMissing(0));
}

function unlessMissing<T>(empty: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Deno.errors.NotFound) return empty;
    throw error;
  };
}
