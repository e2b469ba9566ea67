/** Keeps a loop that always finds something to do from stopping everything else. */

/** How long a loop may go on before others have their turn, in milliseconds. */
const TURN_MS = 8;

/**
 * What is awaited in a loop and is there already (an event in a queue, bytes in a file) comes in
 * microtasks: timers, signals and requests wait until the loop ends. This lets them in, now and then.
 */
export class Turns {
  #since = performance.now();

  /** Lets others have their turn, if this loop has had its own for long enough. */
  async give(): Promise<void> {
    if (performance.now() - this.#since < TURN_MS) return;
    // A timer would come a millisecond later at the earliest, in which nobody does anything.
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
