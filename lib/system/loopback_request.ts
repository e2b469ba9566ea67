/**
 * One request to a server on this machine, and its whole answer. The first `fetch` of a program
 * costs 12 ms, as much as all else that `persistproc list` does. HTTP/1.0 is enough for an answer
 * that is no stream: it ends with its connection (RFC 1945, section 7.2.2).
 */

/** What is asked. */
export interface LoopbackRequest {
  /** With the query. */
  path: string;
  /** Sent as JSON by POST; without it the request is a GET. */
  json?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds for all of it; without it there is no limit. */
  timeout?: number;
  /** Bytes that an answer may have; without it there is no limit. */
  maxBytes?: number;
}

/** What was answered. */
export interface LoopbackAnswer {
  status: number;
  text: string;
}

/**
 * Asks what listens on a port of 127.0.0.1.
 *
 * @throws {Deno.errors.ConnectionRefused} when nothing does.
 * @throws {Deno.errors.TimedOut} when the answer is not there in time.
 * @throws {Deno.errors.InvalidData} when it is not HTTP, or is too long.
 * @throws {Deno.errors.UnexpectedEof} when the connection ends before the answer does.
 */
export async function requestLoopback(
  port: number,
  request: LoopbackRequest,
): Promise<LoopbackAnswer> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  // Not setTimeout: its first call takes 5 ms.
  const signal = request.timeout === undefined ? null : AbortSignal.timeout(request.timeout);
  const hangUp = () => connection.close();
  signal?.addEventListener("abort", hangUp);
  try {
    await send(connection, encode(port, request));
    return answerOf(await receive(connection, request.maxBytes ?? Infinity));
  } catch (error) {
    throw signal?.aborted ? new Deno.errors.TimedOut(`no answer from port ${port}`) : error;
  } finally {
    signal?.removeEventListener("abort", hangUp);
    if (!signal?.aborted) connection.close();
  }
}

function encode(port: number, { path, json, headers }: LoopbackRequest): Uint8Array {
  const encoder = new TextEncoder();
  const body = json === undefined ? null : encoder.encode(JSON.stringify(json));
  const lines = [
    `${body ? "POST" : "GET"} ${path} HTTP/1.0`,
    `host: 127.0.0.1:${port}`,
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

async function send(connection: Deno.Conn, message: Uint8Array): Promise<void> {
  try {
    for (let sent = 0; sent < message.length;) {
      sent += await connection.write(message.subarray(sent));
    }
  } catch (error) {
    // A server may answer, and hang up, before it has read a body that it does not want.
    if (!isBrokenOff(error)) throw error;
  }
}

async function receive(connection: Deno.Conn, maxBytes: number): Promise<Uint8Array> {
  const received: Uint8Array[] = [];
  let length = 0;
  const block = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await read(connection, block);
    if (count === null) break;
    received.push(block.slice(0, count));
    length += count;
    if (length > maxBytes) throw new Deno.errors.InvalidData("the answer is too long");
  }
  const answer = new Uint8Array(length);
  let end = 0;
  for (const part of received) {
    answer.set(part, end);
    end += part.length;
  }
  return answer;
}

async function read(connection: Deno.Conn, block: Uint8Array): Promise<number | null> {
  try {
    return await connection.read(block);
  } catch (error) {
    if (isBrokenOff(error)) return null;
    throw error;
  }
}

function isBrokenOff(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}

function answerOf(message: Uint8Array): LoopbackAnswer {
  const text = new TextDecoder().decode(message);
  const headEnd = text.indexOf("\r\n\r\n");
  const head = text.slice(0, headEnd + 2);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (message.length > 0 && status === undefined) throw new Deno.errors.InvalidData("no HTTP");
  const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
  // The head is ASCII, so that its characters are its bytes.
  const bodyBytes = message.length - headEnd - 4;
  if (status === undefined || headEnd < 0 || (length && bodyBytes < Number(length))) {
    throw new Deno.errors.UnexpectedEof("the connection ended before the answer did");
  }
  return { status: Number(status), text: text.slice(headEnd + 4) };
}
