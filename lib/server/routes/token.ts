/** `POST /api/token`: replaces the token. Who watches events has to come again, with the new one. */
import { answerJson } from "../answers.ts";
import { emptyBody, parseBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

/** Answers when the new token counts. */
export async function renewToken(
  { body }: GuardedRequest,
  context: ServerContext,
): Promise<Response> {
  parseBody(emptyBody, body);
  await context.renewToken();
  context.events.endAll();
  return answerJson({});
}
