/** `POST /api/wait`: answers when something holds for a run; one line of JSON, result or failure. */
import { checkWholeWait } from "../../mcp/tools/wait_for.ts";
import { type ErrorBody, PersistprocError } from "../../protocol/errors.ts";
import type { WaitResult } from "../../protocol/wait.ts";
import { parseBody, waitBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export function wait({ body }: GuardedRequest, context: ServerContext): Response {
  const { run, request, from } = parseBody(waitBody, body);
  checkWholeWait(request, Infinity);
  const gone = new AbortController();
  const waiting = context.processes.wait(run, request, { from, signal: gone.signal });
  const answer = waiting.catch((error): ErrorBody => {
    if (error instanceof PersistprocError) return error.toBody();
    if (!gone.signal.aborted) context.log(`internal error: ${error}`);
    return new PersistprocError("internal", "The server failed on this wait.").toBody();
  });
  // The headers are sent at once; a client that hangs up cancels the body.
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const result: WaitResult | ErrorBody = await answer;
      if (gone.signal.aborted) return;
      controller.enqueue(new TextEncoder().encode(`${JSON.stringify(result)}\n`));
      controller.close();
    },
    cancel() {
      gone.abort();
    },
  }, { highWaterMark: 0 });
  return new Response(stream, {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
