/** How many requests are answered at a time; those beyond that are turned away at once. */
import { MAX_REQUESTS } from "../protocol/limits.ts";
import type { Refusal } from "./guard.ts";

/** The answer to a request for which there is no room. */
export const TOO_MANY_REQUESTS: Refusal = {
  status: 429,
  code: "limit_reached",
  message: `The server is answering ${MAX_REQUESTS} requests already.`,
  hint: "Try again in a moment, with fewer at the same time.",
  headers: { "retry-after": "1" },
};

/** Counts the requests that are being answered. */
export class RequestLimit {
  #underWay = 0;

  /** How many there are. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Takes the place of a request; what is returned gives it back. Null when there is none. */
  enter(): (() => void) | null {
    if (this.#underWay >= MAX_REQUESTS) return null;
    this.#underWay++;
    return () => this.#underWay--;
  }
}
