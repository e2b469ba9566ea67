/** `POST /mcp`, `/mcp/` and `/`: the Model Context Protocol. */
import type { GuardedRequest, ServerContext } from "../context.ts";

export function mcp({ request, body }: GuardedRequest, context: ServerContext): Promise<Response> {
  // Under Deno.serve the signal of the original request also fires on success.
  return context.mcp.fetch(
    new Request(request.url, { method: request.method, headers: request.headers, body }),
  );
}
