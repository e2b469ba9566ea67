/** Sharing an answer that costs something among all who ask for it at one time. */

/**
 * Makes a look that those share who ask while one is under way: they get the next one together,
 * which sees everything that was so when they asked.
 */
export function sharedLook<T>(look: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () =>
    next ??= current.then(() => {
      next = null;
      const result = look();
      current = result.catch(() => {});
      return result;
    });
}
