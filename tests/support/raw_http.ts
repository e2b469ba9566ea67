/** HTTP by hand, for requests that no client would send. */

/** One answer, as far as it came. */
export interface RawAnswer {
  /** Its status; null when there was none. */
  status: number | null;
  /** Everything that came. */
  text: string;
}

/** How long to wait for an answer that has to come, in milliseconds; generous, since machines differ. */
const PATIENCE = 30_000;

/** How long to wait for one that may never come. */
const SILENCE = 400;

/** Bytes as text with one character each, and back. */
export const latin1 = {
  encode: (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
  decode: (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
};

/** The lines of a request with its body; what has to be said of the body's length is left to them. */
export function rawRequest(lines: readonly string[], body = ""): string {
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/**
 * Sends bytes, given as text with one character each, in as many pieces as there are texts, and
 * takes the answer, or what there is of it when the server closes.
 *
 * @param options.all Take what comes behind the first answer, until the server closes or is silent.
 * @param options.mayWait The server may take the request for one whose end is still to come: silence
 * is an answer, too.
 */
export async function speak(
  port: number,
  pieces: string | readonly string[],
  options: { all?: boolean; mayWait?: boolean } = {},
): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  // The server may close while we still write: what it said before that can be read.
  for (const piece of [pieces].flat()) {
    await unlessGone(writeAll(connection, latin1.encode(piece)));
  }
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  while (options.all || !isWhole(text)) {
    const patience = options.mayWait || isWhole(text) ? SILENCE : PATIENCE;
    const count = await within(patience, unlessGone(connection.read(buffer)));
    if (count === null) break;
    text += latin1.decode(buffer.subarray(0, count));
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  return { status: status === undefined ? null : Number(status), text };
}

/** The statuses of all answers that came. */
export function statusesOf({ text }: RawAnswer): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}

/** Whether a text has a whole answer: its head, and as much of a body as that says that there is. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0;
  return text.length >= end + 4 + Number(length);
}

async function within(
  milliseconds: number,
  read: Promise<number | null>,
): Promise<number | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<null>((resolve) => timer = setTimeout(resolve, milliseconds, null));
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
    // When the connection is closed under it.
    read.catch(() => {});
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** What an operation on a connection gives; null when the other end is gone. */
async function unlessGone<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (
      error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource
    ) return null;
    throw error;
  }
}
