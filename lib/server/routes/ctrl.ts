/** `POST /api/ctrl`: starts, stops and restarts for the command line. */
import { answerJson } from "../answers.ts";
import { ctrlBody, parseBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export async function ctrl({ body }: GuardedRequest, context: ServerContext): Promise<Response> {
  const { request, caller } = parseBody(ctrlBody, body);
  return answerJson(await context.processes.ctrl(request, caller));
}
