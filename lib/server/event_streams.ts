/** The open event streams: newline-delimited JSON, made only as fast as each client reads it. */
import { PersistprocError } from "../protocol/errors.ts";
import { MAX_EVENT_STREAMS } from "../protocol/limits.ts";
import type { ProcessEvent } from "../protocol/requests.ts";
import { EventQueue } from "./event_queue.ts";

/** Has listeners told of changes; the returned function ends that. */
export type Subscribe = (listener: (event: ProcessEvent) => void) => () => void;

/** All event streams of a server, so that its end can end them. */
export class EventStreams {
  readonly #open = new Set<() => void>();

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * A body that tells the given states and then every change. `first` is asked after the
   * subscription, so that no change falls between the two.
   *
   * @throws {PersistprocError} `limit_reached`; what `first` throws.
   */
  async open(
    subscribe: Subscribe,
    first: () => ProcessEvent[] | Promise<ProcessEvent[]>,
  ): Promise<ReadableStream<Uint8Array>> {
    if (this.#open.size >= MAX_EVENT_STREAMS) {
      throw new PersistprocError(
        "limit_reached",
        `${MAX_EVENT_STREAMS} viewers look on already.`,
        { hint: "End some `run`, `output --follow` or `list --watch` first; processes go on." },
      );
    }
    const queue = new EventQueue();
    const encoder = new TextEncoder();
    let ended = false;
    let cancelled = false;
    let wake = () => {};

    const unsubscribe = subscribe((event) => {
      queue.push(event);
      wake();
    });
    const end = () => {
      ended = true;
      this.#open.delete(end);
      unsubscribe();
      wake();
    };
    this.#open.add(end);

    try {
      for (const event of await first()) queue.push(event);
    } catch (error) {
      end();
      throw error;
    }

    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        while (queue.empty && !ended) await new Promise<void>((resolve) => wake = resolve);
        if (cancelled) return;
        const lines = queue.take().map((event) => `${JSON.stringify(event)}\n`).join("");
        if (lines) controller.enqueue(encoder.encode(lines));
        if (ended) controller.close();
      },
      cancel() {
        cancelled = true;
        end();
      },
    }, { highWaterMark: 0 });
  }

  /** Ends all streams, once their clients have read what is still to be told. */
  endAll(): void {
    for (const end of [...this.#open]) end();
  }
}
