/** `POST /api/list`: all processes; for `pid: 0`, the server itself. */
import { listServer } from "../../mcp/server_process.ts";
import { answerJson } from "../answers.ts";
import { listBody, parseBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export async function list({ body }: GuardedRequest, context: ServerContext): Promise<Response> {
  const request = parseBody(listBody, body);
  const processes = request.pid === 0
    ? listServer(context.facts, request)
    : await context.processes.list(request);
  return answerJson({ processes });
}
