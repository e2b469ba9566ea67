/** `GET /health[?nonce=…]`: that this is persistproc, and proof that it is the caller's own. */
import { PersistprocError } from "../../protocol/errors.ts";
import { MAX_NONCE, proveToken } from "../../protocol/proof.ts";
import type { Health } from "../../protocol/requests.ts";
import { VERSION } from "../../protocol/version.ts";
import { answerJson } from "../answers.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export async function health({ url }: GuardedRequest, context: ServerContext): Promise<Response> {
  const { facts, version = VERSION } = context;
  const answer: Health = { name: "persistproc", version, pid: facts.pid };
  const nonce = url.searchParams.get("nonce");
  if (nonce !== null) {
    if (nonce.length > MAX_NONCE) {
      throw new PersistprocError("invalid_request", "The nonce is too long.");
    }
    answer.proof = await proveToken(context.token, nonce);
  }
  return answerJson(answer);
}
