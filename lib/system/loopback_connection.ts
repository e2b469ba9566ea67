/**
 * Speaking HTTP to this machine on a connection that one holds: `fetch` never tells which it takes,
 * and the first one of a program costs 12 ms, as much as all else that `persistproc list` does.
 */
import {
  brokenOff,
  encodeRequest,
  headOf,
  type HttpAnswer,
  type HttpRequest,
  isWhole,
  parseAnswer,
} from "./http_message.ts";

/**
 * A connection to whatever listens on a port of 127.0.0.1: all that is asked on it is asked of the
 * same program, while the port may be another's by the next connection.
 */
export class LoopbackConnection implements Disposable {
  readonly #port: number;
  readonly #connection: Deno.TcpConn;
  #closed = false;

  private constructor(port: number, connection: Deno.TcpConn) {
    this.#port = port;
    this.#connection = connection;
  }

  /**
   * Connects.
   *
   * @param signal Gives up: the queue of a listener that accepts nothing may be full.
   * @throws {Deno.errors.ConnectionRefused} when nothing listens there.
   */
  static async open(port: number, signal?: AbortSignal): Promise<LoopbackConnection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port, signal });
    return new LoopbackConnection(port, connection);
  }

  /**
   * Asks, and takes the whole answer.
   *
   * @param request.maxBytes What an answer may have; without it there is no limit.
   * @param options.keep Leaves the connection for another request; who answers has to do so, too.
   * @throws {Deno.errors.InvalidData} when it is not HTTP, or is too long.
   * @throws {Deno.errors.UnexpectedEof} when the connection ends before the answer does.
   * @throws the signal's reason.
   */
  ask(
    request: HttpRequest & { maxBytes?: number },
    { signal, keep = false }: { signal?: AbortSignal; keep?: boolean } = {},
  ): Promise<HttpAnswer> {
    return this.#while(signal, async () => {
      await send(this.#connection, encodeRequest(this.#port, request, { keep }));
      const message = await receive(this.#connection, {
        maxBytes: request.maxBytes ?? Infinity,
        isEnd: keep ? isWhole : () => false,
      });
      return parseAnswer(message);
    });
  }

  /**
   * Asks for the last time, and takes the answer as it comes; it ends with the connection, and that
   * with it. Throws like {@linkcode LoopbackConnection.ask}.
   */
  async stream(
    request: HttpRequest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Response> {
    const message = await this.#while(signal, async () => {
      await send(this.#connection, encodeRequest(this.#port, request));
      return await receive(this.#connection, {
        maxBytes: Infinity,
        isEnd: (message) => headOf(message) !== null,
      });
    });
    const head = headOf(message);
    if (head === null) throw brokenOff();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        const rest = message.subarray(head.length);
        if (rest.length > 0) controller.enqueue(rest);
      },
      pull: async (controller) => {
        const block = new Uint8Array(64 * 1024);
        const count = await this.#while(signal, () => read(this.#connection, block));
        if (count !== null) return controller.enqueue(block.subarray(0, count));
        this[Symbol.dispose]();
        controller.close();
      },
      cancel: () => this[Symbol.dispose](),
    });
    const type = /^content-type: *(.+)\r$/im.exec(head.text)?.[1];
    return new Response(body, {
      status: head.status,
      headers: type === undefined ? {} : { "content-type": type },
    });
  }

  /** Closes the connection when the signal says so, or on a failure. */
  async #while<Result>(
    signal: AbortSignal | undefined,
    act: () => Promise<Result>,
  ): Promise<Result> {
    const hangUp = () => this[Symbol.dispose]();
    signal?.addEventListener("abort", hangUp);
    try {
      signal?.throwIfAborted();
      return await act();
    } catch (error) {
      hangUp();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", hangUp);
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}

async function send(connection: Deno.Conn, message: Uint8Array): Promise<void> {
  try {
    for (let sent = 0; sent < message.length;) {
      sent += await connection.write(message.subarray(sent));
    }
  } catch (error) {
    // A server may answer, and hang up, before it has read a body that it does not want.
    if (!isBrokenOff(error)) throw error;
  }
}

/** Reads until the end of the connection, or of what is waited for. */
async function receive(
  connection: Deno.Conn,
  { maxBytes, isEnd }: { maxBytes: number; isEnd: (message: Uint8Array) => boolean },
): Promise<Uint8Array<ArrayBuffer>> {
  let message = new Uint8Array(64 * 1024);
  let length = 0;
  while (!isEnd(message.subarray(0, length))) {
    if (length === message.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(message);
      message = larger;
    }
    const count = await read(connection, message.subarray(length));
    if (count === null) break;
    length += count;
    if (length > maxBytes) throw new Deno.errors.InvalidData("the answer is too long");
  }
  return message.subarray(0, length);
}

async function read(connection: Deno.Conn, block: Uint8Array): Promise<number | null> {
  try {
    return await connection.read(block);
  } catch (error) {
    if (isBrokenOff(error)) return null;
    throw error;
  }
}

function isBrokenOff(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}
