/**
 * Requests and answers as bytes. HTTP/1.0 is enough: an answer ends with its connection (RFC 1945,
 * section 7.2.2), or at its length where both sides keep that.
 */

/** What is asked. */
export interface HttpRequest {
  /** With the query. */
  path: string;
  /** Sent as JSON by POST; without it the request is a GET. */
  json?: unknown;
  headers?: Record<string, string>;
}

/** What was answered. */
export interface HttpAnswer {
  status: number;
  text: string;
}

/** A request as its bytes; `keep` asks for the connection to be kept. */
export function encodeRequest(
  port: number,
  { path, json, headers }: HttpRequest,
  { keep = false } = {},
): Uint8Array {
  const encoder = new TextEncoder();
  const body = json === undefined ? null : encoder.encode(JSON.stringify(json));
  const lines = [
    `${body ? "POST" : "GET"} ${path} HTTP/1.0`,
    `host: 127.0.0.1:${port}`,
    ...keep ? ["connection: keep-alive"] : [],
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...body ? ["content-type: application/json", `content-length: ${body.length}`] : [],
  ];
  const head = encoder.encode(lines.join("\r\n") + "\r\n\r\n");
  if (body === null) return head;
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return message;
}

/** The beginning of an answer, with the empty line after it. */
export interface Head {
  status: number;
  /** ASCII, so that its characters are its bytes. */
  text: string;
  length: number;
  /** Bytes of the body, where that is said. */
  bodyLength: number | null;
}

/** Longest head that is looked for. */
const MOST_HEAD_BYTES = 64 * 1024;

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

/**
 * The head of an answer; null while it is not whole.
 *
 * @throws {Deno.errors.InvalidData} when it is not HTTP.
 */
export function headOf(message: Uint8Array): Head | null {
  const start = beginningOf(message);
  const length = start.indexOf("\r\n\r\n") + 4;
  if (length < 4) return null;
  const text = start.slice(0, length);
  const status = STATUS_LINE.exec(text)?.[1];
  if (status === undefined) throw noHttp();
  const bodyLength = /^content-length: *(\d+)\r$/im.exec(text)?.[1];
  return {
    status: Number(status),
    text,
    length,
    bodyLength: bodyLength === undefined ? null : Number(bodyLength),
  };
}

function beginningOf(message: Uint8Array): string {
  return new TextDecoder("latin1").decode(message.subarray(0, MOST_HEAD_BYTES));
}

/** Whether an answer that says its length has come to it. */
export function isWhole(message: Uint8Array): boolean {
  const head = headOf(message);
  return head !== null && head.bodyLength !== null &&
    message.length >= head.length + head.bodyLength;
}

/**
 * An answer that has ended.
 *
 * @throws {Deno.errors.InvalidData} when it is not HTTP.
 * @throws {Deno.errors.UnexpectedEof} when it ended too early.
 */
export function parseAnswer(message: Uint8Array): HttpAnswer {
  const head = headOf(message);
  if (head === null && message.length > 0 && !STATUS_LINE.test(beginningOf(message))) {
    throw noHttp();
  }
  if (head === null || message.length < head.length + (head.bodyLength ?? 0)) throw brokenOff();
  return { status: head.status, text: new TextDecoder().decode(message.subarray(head.length)) };
}

function noHttp(): Error {
  return new Deno.errors.InvalidData("no HTTP");
}

/** The failure of an answer that ended too early. */
export function brokenOff(): Error {
  return new Deno.errors.UnexpectedEof("the connection ended before the answer did");
}
