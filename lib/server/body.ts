/** Reads a request's body with a limit on its size and on the time it may take. */
import { BODY_TOO_LARGE, type Refusal } from "./guard.ts";

/** The limits of a body. */
export interface BodyLimits {
  bytes: number;
  milliseconds: number;
}

const TOO_SLOW: Refusal = {
  status: 408,
  code: "limit_reached",
  message: "The body took too long to arrive.",
  headers: { connection: "close" },
};

const BROKEN_OFF: Refusal = {
  status: 400,
  code: "invalid_request",
  message: "The body broke off.",
  headers: { connection: "close" },
};

/** The whole body, or why it is not accepted. Counts what comes, whatever was declared. */
export async function readBody(
  request: Request,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer> | Refusal> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let refusal: Refusal | null = null;
  const deadline = setTimeout(() => {
    refusal = TOO_SLOW;
    reader.cancel().catch(() => {});
  }, limits.milliseconds);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (refusal) return refusal;
      if (done) break;
      size += value.byteLength;
      if (size > limits.bytes) {
        reader.cancel().catch(() => {});
        return BODY_TOO_LARGE;
      }
      chunks.push(value);
    }
  } catch {
    return refusal ?? BROKEN_OFF;
  } finally {
    clearTimeout(deadline);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}
