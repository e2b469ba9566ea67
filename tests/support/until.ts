/** Waiting for a condition, never for a time. */

/** How {@linkcode until} waits. */
export interface UntilOptions {
  /** What is waited for, or what is seen instead; read only when it never comes true. */
  what: string | (() => string);
  /** Milliseconds after which the test fails; generous, since machines differ. */
  timeout?: number;
  /** Milliseconds between two questions, at most. */
  longestPause?: number;
}

/** Asks again and again until the condition gives something truthy, and returns that. */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: UntilOptions,
): Promise<NonNullable<T>> {
  const { timeout = 20_000, longestPause = 50 } = options;
  const deadline = performance.now() + timeout;
  for (let pause = 1;; pause = Math.min(pause * 2, longestPause)) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > deadline) {
      const what = typeof options.what === "string" ? options.what : options.what();
      throw new Error(`waited ${timeout / 1000} s in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
