/** Waiting for something, but not for ever. */

/**
 * What a promise comes to, or undefined when that takes more than some milliseconds. What it stands
 * for goes on.
 */
export async function within<T>(
  awaited: Promise<T>,
  milliseconds: number,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}
