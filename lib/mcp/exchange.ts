/** Requests and their answers: knowing when a client has gone, and when all have been answered. */

/**
 * One request. It carries a signal of our own to the MCP library, aborted when the client has gone.
 * The signal of a request of `Deno.serve` will not do: in a compiled program it also fires on
 * success.
 */
export class Exchange {
  readonly #gone = new AbortController();
  readonly #settled: () => void;

  /** @param settled Called when the answer has been sent, or can not be. */
  constructor(settled: () => void) {
    this.#settled = settled;
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** The same answer, watched. */
  wrap(response: Response): Response {
    if (response.body === null) {
      this.#settled();
      return response;
    }
    const reader = response.body.getReader();
    let gone = false;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await reader.read().catch((error) => {
          this.#settled();
          throw error;
        });
        if (gone) return;
        if (!done) return controller.enqueue(value);
        this.#settled();
        controller.close();
      },
      cancel: () => {
        gone = true;
        this.#gone.abort();
        this.#settled();
        reader.cancel().catch(() => {});
      },
    }, { highWaterMark: 0 });
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  }
}

/** The exchanges under way. */
export class Exchanges {
  readonly #open = new Set<Exchange>();
  #emptied = () => {};

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Answers a request with what `handle` makes of its exchange. */
  async run(handle: (exchange: Exchange) => Promise<Response>): Promise<Response> {
    const forget = () => {
      this.#open.delete(exchange);
      if (this.#open.size === 0) this.#emptied();
    };
    const exchange = new Exchange(forget);
    this.#open.add(exchange);
    try {
      return exchange.wrap(await handle(exchange));
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Resolves when all are over, or the time is. */
  async settle(milliseconds: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#emptied = resolve;
    await promise;
    clearTimeout(timer);
  }
}
