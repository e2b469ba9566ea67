/** Finding lines that match, without ever holding up whoever else is served by this process. */
import { PersistprocError } from "../protocol/errors.ts";
import { type Expression, shownExpression } from "./expression.ts";
import type { MatchAnswer, MatchRequest } from "./match_worker.ts";
import { LineFinder } from "./matching_lines.ts";

/** Finds lines. Has to be disposed of: there may be a thread behind it. */
export interface LineMatcher extends Disposable {
  /**
   * The numbers, from 0 on, of the matching lines of a text.
   *
   * @throws {PersistprocError} `limit_reached` when that takes too long.
   */
  find(text: string): number[] | Promise<number[]>;
}

/** What an expression may take on one text, which has at most some hundred KiB. */
const LIMIT_MILLISECONDS = 2_000;

/** A matcher in this thread for what is linear, in one of its own for everything else. */
export function openMatcher(
  expression: Expression,
  options: { limitMilliseconds?: number } = {},
): LineMatcher {
  if (!expression.linear) {
    return new WorkerMatcher(expression, options.limitMilliseconds ?? LIMIT_MILLISECONDS);
  }
  const finder = new LineFinder(expression);
  return { find: (text) => finder.find(text), [Symbol.dispose]() {} };
}

/** Started with the first text; ended, with its thread, when one takes too long. */
class WorkerMatcher implements LineMatcher {
  readonly #expression: Expression;
  readonly #limit: number;
  #worker: Worker | null = null;
  #fail: (error: unknown) => void = () => {};

  constructor(expression: Expression, limit: number) {
    this.#expression = expression;
    this.#limit = limit;
  }

  async find(text: string): Promise<number[]> {
    const worker = this.#worker ??= this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<number[]>();
    this.#fail = reject;
    let timer: ReturnType<typeof setTimeout> | undefined;
    worker.onmessage = ({ data }: MessageEvent<MatchAnswer>) => {
      if (data !== "ready") return resolve(data);
      // It has started and compiled the expression by now: from here on the time is the text's.
      timer = setTimeout(() => {
        reject(this.#tooSlow());
        this[Symbol.dispose]();
      }, this.#limit);
      worker.postMessage({ text } satisfies MatchRequest);
    };
    worker.postMessage({ expression: this.#expression } satisfies MatchRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#fail(new DOMException("the search was given up", "AbortError"));
  }

  #start(): Worker {
    const worker = new Worker(new URL("./match_worker.ts", import.meta.url), { type: "module" });
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(`the worker for expressions failed: ${event.message}`));
    };
    return worker;
  }

  #tooSlow(): PersistprocError {
    return new PersistprocError(
      "limit_reached",
      `The expression ${shownExpression(this.#expression.source)} took longer than ${
        this.#limit / 1_000
      } s on a piece of output and was ended.`,
      {
        hint: "Write it without (?i), lookahead and back-references, and without repetitions " +
          "within repetitions: it then runs in a time that is bounded.",
      },
    );
  }
}
