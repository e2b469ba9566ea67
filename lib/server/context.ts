/** What the routes work with. */
import type { Mcp } from "../mcp/handler.ts";
import type { ServerFacts } from "../mcp/server_process.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WhoseConnection } from "./connections.ts";
import type { EventStreams } from "./event_streams.ts";
import type { RequestLimit } from "./request_limit.ts";

/** The part of the supervisor that requests reach. */
export type Processes = Pick<
  Supervisor,
  | "ctrl"
  | "list"
  | "runs"
  | "history"
  | "historyOf"
  | "wait"
  | "subscribe"
  | "location"
  | "locations"
  | "spawned"
>;

/** One running server, as its routes see it. */
export interface ServerContext {
  facts: ServerFacts;
  /** The one that counts now; see `renewToken`. */
  token: string;
  /** Nobody is answered without the token, not even this user. */
  requireToken: boolean;
  whose: WhoseConnection;
  /** The version that the server says it has; its own unless given. */
  version?: string;
  processes: Processes;
  events: EventStreams;
  requests: RequestLimit;
  mcp: Mcp;
  log(message: string): void;
  /** Replaces the token, in its file and for all that is asked from now on. */
  renewToken(): Promise<void>;
  /** Ends the server once `answered` has settled; returns at once. */
  shutdown(keep: boolean, answered: Promise<unknown>): void;
}

/**
 * What a handler may know of the connection. Looking at `completed` obliges to handle its
 * rejection, which means that the client has gone.
 */
export type AnswerInfo = Pick<Deno.ServeHandlerInfo<Deno.NetAddr>, "completed" | "remoteAddr">;

/** A request that has passed the guard. */
export interface GuardedRequest {
  request: Request;
  url: URL;
  body: Uint8Array<ArrayBuffer>;
  /** Knows when the answer has been sent. */
  info: AnswerInfo;
}

/** What answers a route. */
export type Handler = (
  request: GuardedRequest,
  context: ServerContext,
) => Response | Promise<Response>;
