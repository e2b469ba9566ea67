/** Looks at a changing set of things, again and again, by one timer that rests when it is empty. */

/** Between two looks at something that is expected to change, in milliseconds. */
const FAST_MS = 10;
/** The longest pause between two looks at something that nobody reports changes of. */
const SLOWEST_MS = 500;

/** What is polled. */
export interface Polled {
  /** Looks once, and says whether something had changed. */
  poll(): boolean;
}

/** One shared timer for everything that is polled. */
export class PollTimer {
  readonly #fast = new Set<Polled>();
  readonly #slow = new Set<Polled>();
  #slowPause = FAST_MS;
  #slowDue = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Polls `polled` every 10 ms. */
  addFast(polled: Polled): void {
    this.#slow.delete(polled);
    this.#fast.add(polled);
    this.#wind();
  }

  /** Polls `polled` every 10 ms while something changes, more and more seldom while nothing does. */
  addSlow(polled: Polled): void {
    this.#fast.delete(polled);
    this.#slow.add(polled);
    this.#slowPause = FAST_MS;
    this.#slowDue = 0;
    this.close();
    this.#wind();
  }

  delete(polled: Polled): void {
    this.#fast.delete(polled);
    this.#slow.delete(polled);
    if (this.#fast.size + this.#slow.size === 0) this.close();
  }

  /** Stops the timer; adding something winds it again. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wind(): void {
    if (this.#timer !== undefined || this.#fast.size + this.#slow.size === 0) return;
    const pause = this.#fast.size > 0 ? FAST_MS : this.#slowPause;
    this.#timer = setTimeout(() => this.#tick(), pause);
  }

  #tick(): void {
    this.#timer = undefined;
    for (const polled of [...this.#fast]) polled.poll();
    const now = performance.now();
    if (this.#slow.size > 0 && now >= this.#slowDue) {
      const changed = [...this.#slow].map((polled) => polled.poll()).includes(true);
      this.#slowPause = changed ? FAST_MS : Math.min(this.#slowPause * 2, SLOWEST_MS);
      // A timer may come a little early; that must not cost another round.
      this.#slowDue = now + this.#slowPause - 1;
    }
    this.#wind();
  }
}
