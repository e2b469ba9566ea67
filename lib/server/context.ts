/** What the routes work with. */
import type { Mcp } from "../mcp/handler.ts";
import type { ServerFacts } from "../mcp/server_process.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { EventStreams } from "./event_streams.ts";

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
>;

/** One running server, as its routes see it. */
export interface ServerContext {
  facts: ServerFacts;
  token: string;
  /** The version that the server says it has; its own unless given. */
  version?: string;
  processes: Processes;
  events: EventStreams;
  mcp: Mcp;
  log(message: string): void;
  /** Ends the server once `answered` has settled; returns at once. */
  shutdown(keep: boolean, answered: Promise<unknown>): void;
}

/**
 * What a handler may know of the connection. Looking at `completed` obliges to handle its
 * rejection, which means that the client has gone.
 */
export type AnswerInfo = Pick<Deno.ServeHandlerInfo, "completed">;

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
