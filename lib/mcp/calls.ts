/** The tool calls under way: the end of the server answers them, or their clients would wait on. */
import { PersistprocError } from "../protocol/errors.ts";
import { MAX_REQUESTS } from "../protocol/limits.ts";

/** Calls that can be given up together. */
export class Calls {
  // Not one promise that all calls race with: it would remember every call there ever was.
  readonly #giveUps = new Set<(reason: PersistprocError) => void>();

  /** The outcome of a call, or a failure when it is given up before, or there are too many. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    // One request may hold a batch of them.
    if (this.#giveUps.size >= MAX_REQUESTS) {
      throw new PersistprocError("limit_reached", `${MAX_REQUESTS} calls are under way already.`, {
        hint: "Call again in a moment, with fewer at the same time.",
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#giveUps.add(reject);
    call().then(resolve, reject);
    try {
      return await promise;
    } finally {
      this.#giveUps.delete(reject);
    }
  }

  /** Lets every call fail. What it has begun goes on. */
  giveUp(): void {
    for (const giveUp of this.#giveUps) {
      giveUp(
        new PersistprocError("server_unreachable", "The persistproc server has ended meanwhile.", {
          hint: "Call `list` once it runs again to see what came of it.",
        }),
      );
    }
  }
}
