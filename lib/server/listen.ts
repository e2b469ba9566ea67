/** The HTTP server on loopback: how it begins and how it ends within a bounded time. */
import { PersistprocError } from "../protocol/errors.ts";
import { portTaken } from "./port_holder.ts";

/** How long the requests that are under way may still take when the server ends. */
const DRAIN_MILLISECONDS = 2_000;

/** A server that listens. */
export interface Listening {
  /** The port, also when port 0 left the choice to the system. */
  port: number;
  /** Settles when the port could not be had again after connections could not be accepted; see the log. */
  lost: Promise<void>;
  /** Accepts nothing more, lets the answers under way end, and cuts off those that take long. */
  close(): Promise<void>;
  /** Accepts nothing more, and answers nobody: whoever waits finds the connection closed. */
  breakOff(): Promise<void>;
}

/** Milliseconds between two tries to listen once more, and how many there are: two seconds. */
const AGAIN_MILLISECONDS = 20;
const MOST_TRIES = 100;

type Handler = Deno.ServeHandler<Deno.NetAddr>;

/**
 * Listens on 127.0.0.1, also after connections could not be accepted any more: whoever opens more
 * than there are descriptors for must not end the server.
 *
 * @param log Takes what a person should know later.
 * @throws {PersistprocError} when the port is taken, by whom, or not allowed.
 */
export async function listen(
  port: number,
  handler: Handler,
  log: (message: string) => void = () => {},
): Promise<Listening> {
  let current: Accepting;
  try {
    current = accept(port, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw await portTaken(port);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new PersistprocError("forbidden", `This user may not listen on port ${port}.`, {
        hint: "Choose a --port above 1023.",
      });
    }
    throw error;
  }
  const own = current.server.addr.port;
  let closing = false;
  const lost = Promise.withResolvers<void>();
  void acceptOn();
  return {
    port: own,
    lost: lost.promise,
    async close() {
      closing = true;
      const timer = setTimeout(current.cutOff, DRAIN_MILLISECONDS);
      await current.server.shutdown();
      clearTimeout(timer);
    },
    async breakOff() {
      closing = true;
      current.cutOff();
      // It may have failed before, which was logged then.
      await current.server.finished.catch(() => {});
    },
  };

  async function acceptOn(): Promise<void> {
    while (!closing) {
      const failure = await current.server.finished.then(() => null, String);
      if (failure === null || closing) return;
      // Deno accepts nothing more after that (accept(2), EMFILE); those it has take the descriptors.
      current.cutOff();
      log(`every connection was closed, to be able to accept others: ${failure}`);
      if (!await acceptAgain()) {
        if (!closing) lost.resolve();
        return;
      }
    }
  }

  /**
   * Deno has closed the socket by now. Whoever gets the port before us is another program, and may
   * be another user's: then this server can not be reached any more.
   */
  async function acceptAgain(): Promise<boolean> {
    for (let tries = 1; !closing; tries++) {
      try {
        current = accept(own, handler);
        return true;
      } catch (error) {
        if (tries === 1) log(`port ${own} could not be listened on again: ${error}`);
        if (tries === MOST_TRIES) {
          if (error instanceof Deno.errors.AddrInUse) log((await portTaken(own)).message);
          return false;
        }
        // Descriptors come back a moment after their connections were closed. Before that nothing
        // can be looked up: without any, even loading a module would end the server (Deno panics).
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      }
    }
    return false;
  }
}

/** A server that accepts connections. */
interface Accepting {
  server: Deno.HttpServer<Deno.NetAddr>;
  /** Closes all its connections. */
  cutOff: () => void;
}

function accept(port: number, handler: Handler): Accepting {
  const end = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    signal: end.signal,
    onListen: () => {},
    // The router answers every failure itself; this is for what it can not see.
    onError: () => new Response("internal error\n", { status: 500 }),
  }, handler);
  return { server, cutOff: () => end.abort() };
}
