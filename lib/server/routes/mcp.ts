/** `POST /mcp`, `/mcp/` and `/`: the Model Context Protocol. */
import type { GuardedRequest, ServerContext } from "../context.ts";

export function mcp({ request, body }: GuardedRequest, context: ServerContext): Promise<Response> {
  // Its body has been read by now.
  return context.mcp.fetch(
    new Request(request.url, { method: request.method, headers: request.headers, body }),
  );
}
