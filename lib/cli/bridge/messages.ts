/** The messages of the Model Context Protocol, as far as a bridge has to understand them. */

/** The key by which a request of 2026-07-28 and later names its revision of the protocol. */
const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** A JSON-RPC 2.0 request: it wants an answer. */
export interface RpcRequest {
  jsonrpc: "2.0";
  id: string | number;
  method: string;
  params?: Record<string, unknown>;
}

/** Any JSON-RPC 2.0 message. */
export type RpcMessage = Partial<RpcRequest> & { result?: unknown; error?: unknown };

/** The messages in a line of a client: one, or several of the revisions that knew batches. */
export function parseLine(line: string): RpcMessage[] | null {
  try {
    const value: unknown = JSON.parse(line);
    const messages = Array.isArray(value) ? value : [value];
    return messages.every((message) => typeof message === "object" && message !== null)
      ? messages
      : null;
  } catch {
    return null;
  }
}

/** Whether a message wants an answer. */
export function isRequest(message: RpcMessage): message is RpcRequest {
  return typeof message.method === "string" &&
    (typeof message.id === "string" || typeof message.id === "number");
}

/** The revision that a request names itself, or null for those before 2026-07-28. */
function revisionOf({ params }: RpcRequest): string | null {
  const version = (params?._meta as Record<string, unknown> | undefined)?.[VERSION_KEY];
  return typeof version === "string" ? version : null;
}

/** What a client calls itself in its handshake; null in any other request. */
export function clientNameOf({ method, params }: RpcRequest): string | null {
  const info = params?.clientInfo as { name?: unknown } | undefined;
  return method === "initialize" && typeof info?.name === "string" ? info.name : null;
}

/** Which field of the parameters the header `Mcp-Name` repeats (2026-07-28, Streamable HTTP). */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
]);

/**
 * What Streamable HTTP says of a request in its headers.
 *
 * @param negotiated The revision of the handshake, for requests that name none themselves.
 */
export function headersOf(request: RpcRequest, negotiated: string | null): Record<string, string> {
  const revision = revisionOf(request);
  if (revision === null) {
    return negotiated === null || request.method === "initialize"
      ? {}
      : { "mcp-protocol-version": headerValue(negotiated) };
  }
  const name = request.params?.[NAMED_BY.get(request.method) ?? ""];
  return {
    "mcp-protocol-version": headerValue(revision),
    "mcp-method": headerValue(request.method),
    ...typeof name === "string" ? { "mcp-name": headerValue(name) } : {},
  };
}

/** A text as the value of a header: what is not plain ASCII in base64, as the protocol wants it. */
function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?")) return text;
  return `=?base64?${new TextEncoder().encode(text).toBase64()}?=`;
}

/** Whether a request that may have been carried out already can be sent again. */
export function isRepeatable({ method, params }: RpcRequest): boolean {
  return method !== "tools/call" || params?.name === "list" || params?.name === "output";
}

/**
 * The answer to a request that failed. Models see the results of tools, but seldom an error of the
 * protocol.
 */
export function failureOf(request: RpcRequest, text: string): RpcMessage {
  const { id, method } = request;
  if (method !== "tools/call") {
    return { jsonrpc: "2.0", id, error: { code: -32603, message: text } };
  }
  const kind = revisionOf(request) === null ? {} : { resultType: "complete" };
  const result = { ...kind, content: [{ type: "text", text }], isError: true };
  return { jsonrpc: "2.0", id, result };
}
