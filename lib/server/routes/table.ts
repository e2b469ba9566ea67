/** Every path that is served. */
import type { Handler } from "../context.ts";
import type { RouteRules } from "../guard.ts";
import { bridge } from "./bridge.ts";
import { ctrl } from "./ctrl.ts";
import { events } from "./events.ts";
import { health } from "./health.ts";
import { list } from "./list.ts";
import { mcp } from "./mcp.ts";
import { runs } from "./runs.ts";
import { shutdown } from "./shutdown.ts";
import { renewToken } from "./token.ts";
import { wait } from "./wait.ts";

/** A path's rules and what answers it. */
export interface Route extends RouteRules {
  handle: Handler;
  /** Its answer ends when the client likes; it has a limit of its own. */
  lasting?: boolean;
}

const open = { needsToken: false, needsSameVersion: false };
const secret = { needsToken: true, needsSameVersion: true };

/** The routes by path. */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/health", { method: "GET", ...open, takesProof: true, handle: health }],
  ["/api/ctrl", { method: "POST", ...secret, handle: ctrl }],
  ["/api/list", { method: "POST", ...secret, handle: list }],
  ["/api/runs", { method: "POST", ...secret, handle: runs }],
  ["/api/wait", { method: "POST", ...secret, handle: wait, lasting: true }],
  ["/api/mcp", { method: "POST", ...secret, handle: bridge }],
  ["/api/events", { method: "GET", ...secret, handle: events, lasting: true }],
  ["/api/token", { method: "POST", ...secret, handle: renewToken }],
  // Of any version: a newer command line must be able to end an older server.
  ["/api/shutdown", { method: "POST", ...secret, needsSameVersion: false, handle: shutdown }],
  ["/mcp", { method: "POST", ...open, handle: mcp }],
  ["/mcp/", { method: "POST", ...open, handle: mcp }],
  // The address that the first README of persistproc gave.
  ["/", { method: "POST", ...open, handle: mcp }],
]);
