/** One request to a server on this machine, and its whole answer. */
import type { HttpAnswer, HttpRequest } from "./http_message.ts";
import { LoopbackConnection } from "./loopback_connection.ts";

/** What is asked, and how much is waited for and taken. */
export interface LoopbackRequest extends HttpRequest {
  /** Milliseconds for all of it; without it there is no limit. */
  timeout?: number;
  /** Bytes that an answer may have; without it there is no limit. */
  maxBytes?: number;
}

/**
 * Asks what listens on a port of 127.0.0.1, once.
 *
 * @throws {Deno.errors.ConnectionRefused} when nothing does.
 * @throws {Deno.errors.TimedOut} when the answer is not there in time.
 * @throws {Deno.errors.InvalidData} when it is not HTTP, or is too long.
 * @throws {Deno.errors.UnexpectedEof} when the connection ends before the answer does.
 */
export async function requestLoopback(
  port: number,
  request: LoopbackRequest,
): Promise<HttpAnswer> {
  // Not setTimeout: its first call takes 5 ms.
  const signal = request.timeout === undefined ? undefined : AbortSignal.timeout(request.timeout);
  try {
    using connection = await LoopbackConnection.open(port, signal);
    return await connection.ask(request, { signal });
  } catch (error) {
    throw signal?.aborted ? new Deno.errors.TimedOut(`no answer from port ${port}`) : error;
  }
}
