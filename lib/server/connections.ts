/** Whose connection a request came by: only this user may ask without the token. */
import { sharedLook } from "../system/shared_look.ts";
import { type LookUpPeers, systemPeers } from "../system/peers.ts";

/** Whose a connection is; `unknown` where the system does not say, or it has gone meanwhile. */
export type Whose = "ours" | "another user's" | "unknown";

/** What is known of a connection at the time of a request. */
export interface Connection {
  remote: Deno.NetAddr;
  /** Aborts when it ends. */
  signal: AbortSignal;
}

/** Finds out whose a connection is. */
export type WhoseConnection = (connection: Connection) => Promise<Whose>;

/** What a look-up depends on. */
export interface ConnectionsOptions {
  /** The port of the server. */
  port: number;
  /** The user that the server runs as. */
  uid: number | null;
  lookUp?: LookUpPeers;
}

/**
 * Looks a request's connection up in the system's table. Each request gets a look that begins after
 * it came (those that come during one share the next): an answer is never kept, since another user
 * can have the same port a moment later.
 */
export function whoseConnections(options: ConnectionsOptions): WhoseConnection {
  const { port, uid } = options;
  const look = sharedLook(options.lookUp ?? systemPeers(port));
  return async ({ remote, signal }) => {
    let peers;
    try {
      peers = await look();
    } catch {
      return "unknown";
    }
    // If it has ended, the table may show who connected from the same port since. The end of a
    // connection is told before what was seen after it, but not in the same turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted || peers === null || uid === null) return "unknown";
    const found = peers.filter((peer) =>
      peer.address === remote.hostname && peer.port === remote.port
    );
    if (found.length === 0) return "unknown";
    return found.every((peer) => peer.uid === uid) ? "ours" : "another user's";
  };
}
