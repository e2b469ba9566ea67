/** `POST /api/shutdown`: answers first, then ends the server. */
import type { ShutdownResult } from "../../protocol/requests.ts";
import { answerJson } from "../answers.ts";
import { parseBody, shutdownBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export function shutdown({ body, info }: GuardedRequest, context: ServerContext): Response {
  const { keep } = parseBody(shutdownBody, body);
  context.shutdown(keep, info.completed);
  const result: ShutdownResult = { pid: context.facts.pid };
  return answerJson(result);
}
