/** The shapes of what the server answers: JSON, or a failure as the wire form of an error. */
import { type ErrorCode, PersistprocError } from "../protocol/errors.ts";
import type { Refusal } from "./guard.ts";

const STATUS: Record<ErrorCode, number> = {
  invalid_request: 400,
  forbidden: 403,
  not_found: 404,
  not_running: 409,
  ambiguous: 409,
  label_taken: 409,
  server_mismatch: 409,
  spawn_failed: 422,
  limit_reached: 429,
  input_full: 429,
  storage: 500,
  internal: 500,
  server_unreachable: 503,
};

/** A JSON document. */
export function answerJson(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { "cache-control": "no-store" } });
}

/** The same plain answer for every path that is not served: clients probe for OAuth metadata. */
export function answerNotFound(): Response {
  return new Response("not found\n", { status: 404 });
}

/** A request that the guard turned away. */
export function answerRefusal(refusal: Refusal): Response {
  const { status, code, message, hint, headers } = refusal;
  const body = new PersistprocError(code, message, { hint }).toBody();
  return Response.json(body, { status, headers });
}

/** A failure. What is not meant to be shown goes to the log, and only there. */
export function answerError(error: unknown, log: (message: string) => void): Response {
  if (error instanceof PersistprocError) {
    return answerJson(error.toBody(), STATUS[error.code]);
  }
  log(`internal error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  return answerJson(
    new PersistprocError("internal", "The server failed on this request.", {
      hint: "Its log says why: see server.log in the data directory.",
    }).toBody(),
    500,
  );
}
