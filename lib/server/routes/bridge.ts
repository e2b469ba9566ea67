/** `POST /api/mcp`: a message that the stdio bridge passes on, with who asks and from where. */
import { bridgeBody, parseBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export function bridge({ request, body }: GuardedRequest, context: ServerContext) {
  const { message, caller } = parseBody(bridgeBody, body);
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return context.mcp.fetch(
    new Request(new URL("/mcp", request.url), {
      method: "POST",
      headers,
      body: JSON.stringify(message),
    }),
    caller,
  );
}
