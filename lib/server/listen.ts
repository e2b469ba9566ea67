/** The HTTP server on loopback: how it begins and how it ends within a bounded time. */
import { PersistprocError } from "../protocol/errors.ts";
import { portTaken } from "./port_holder.ts";

/** How long the requests that are under way may still take when the server ends. */
const DRAIN_MILLISECONDS = 2_000;

/** A server that listens. */
export interface Listening {
  /** The port, also when port 0 left the choice to the system. */
  port: number;
  /** Accepts nothing more, lets the answers under way end, and cuts off those that take long. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1.
 *
 * @throws {PersistprocError} when the port is taken, by whom, or not allowed.
 */
export async function listen(
  port: number,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Promise<Listening> {
  const cutOff = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal: cutOff.signal,
      onListen: () => {},
      // The router answers every failure itself; this is for what it can not see.
      onError: () => new Response("internal error\n", { status: 500 }),
    }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw await portTaken(port);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new PersistprocError("forbidden", `This user may not listen on port ${port}.`, {
        hint: "Choose a --port above 1023.",
      });
    }
    throw error;
  }
  return {
    port: server.addr.port,
    async close() {
      const timer = setTimeout(() => cutOff.abort(), DRAIN_MILLISECONDS);
      await server.shutdown();
      clearTimeout(timer);
    },
  };
}
