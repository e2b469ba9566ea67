/** One request on its way through the server: every message of the answer, as it comes. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { isErrorBody, PersistprocError } from "../../protocol/errors.ts";
import type { BridgeCaller } from "../../protocol/process.ts";
import type { Client } from "../client.ts";
import type { RpcMessage, RpcRequest } from "./messages.ts";

/** The server went away before it had answered: the request was carried out, or it was not. */
export class ServerLost extends Error {
  override name = "ServerLost";
}

/**
 * Sends a request and yields what comes back: progress, then the answer.
 *
 * @throws {ServerLost} when no answer came.
 * @throws {PersistprocError} when the server turned the request away.
 */
export async function* forward(
  client: Client,
  request: RpcRequest,
  options: { caller: BridgeCaller; headers: Record<string, string>; signal: AbortSignal },
): AsyncGenerator<RpcMessage> {
  let answered = false;
  try {
    const response = await client.mcp({ message: request, caller: options.caller }, options);
    for await (const message of messagesOf(response)) {
      // Where the server could not read the id, it answers to none.
      if (message.method !== undefined) yield message;
      else {
        answered = true;
        yield { ...message, id: request.id };
      }
    }
  } catch (error) {
    if (error instanceof PersistprocError && error.code !== "server_unreachable") throw error;
    if (answered) return;
    throw new ServerLost();
  }
  if (!answered) throw new ServerLost();
}

async function* messagesOf(response: Response): AsyncGenerator<RpcMessage> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream") && response.body !== null) {
    const events = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { data } of events) if (data !== "") yield JSON.parse(data);
    return;
  }
  const text = await response.text();
  const body: unknown = type.startsWith("application/json") ? JSON.parse(text) : null;
  if (isErrorBody(body)) throw PersistprocError.fromBody(body);
  if (typeof body !== "object" || body === null || !("jsonrpc" in body)) {
    throw new PersistprocError("internal", `The server answered ${response.status}.`);
  }
  yield body as RpcMessage;
}
