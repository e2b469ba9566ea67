/** Asking again and again for what no event tells, cheaply, for as long as somebody waits for it. */

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;
const FACTOR = 1.5;
/** However much happens, it is not asked more often than this, in milliseconds. */
const SHORTEST_HURRY = 300;

/**
 * One question that several may wait for: it is asked once for all of them, first often, then more
 * and more seldom, and not at all when nobody waits.
 */
export class SharedPoll<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #listeners = new Set<(answer: Answer) => void>();
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;
  #asked = -Infinity;
  #asking = false;

  constructor(ask: () => Promise<Answer>) {
    this.#ask = ask;
  }

  /** Tells each answer from now on, until the returned function is called. */
  listen(tell: (answer: Answer) => void): () => void {
    this.#listeners.add(tell);
    this.#pause = FIRST_PAUSE;
    this.#askAt(performance.now());
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /** Something has happened that may have changed the answer: asks soon. */
  hurry(): void {
    this.#askAt(Math.max(performance.now() + FIRST_PAUSE, this.#asked + SHORTEST_HURRY));
  }

  #askAt(due: number): void {
    if (this.#asking || this.#listeners.size === 0 || due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#turn(), Math.max(0, due - performance.now()));
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }

  async #turn(): Promise<void> {
    this.#rest();
    this.#asking = true;
    try {
      const answer = await this.#ask();
      for (const tell of [...this.#listeners]) tell(answer);
    } catch {
      // No answer is none yet: the next question may have one.
    } finally {
      this.#asking = false;
      this.#asked = performance.now();
      this.#askAt(this.#asked + this.#pause);
      this.#pause = Math.min(this.#pause * FACTOR, LONGEST_PAUSE);
    }
  }
}
