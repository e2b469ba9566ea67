/** HTTP by hand, for requests that no client would send. */

/** One answer, as far as it came. */
export interface RawAnswer {
  /** Its status; null when there was none. */
  status: number | null;
  /** Everything that came. */
  text: string;
}

/** How long to wait for an answer that may never come, in milliseconds. */
const PATIENCE = 400;

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
 * takes what comes.
 *
 * @param options.all Wait until the server closes or falls silent, not only for the first answer.
 */
export async function speak(
  port: number,
  pieces: string | readonly string[],
  options: { all?: boolean } = {},
): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let text = "";
  try {
    for (const piece of [pieces].flat()) await writeAll(connection, latin1.encode(piece));
    const buffer = new Uint8Array(64 * 1024);
    while (options.all || !/\r\n\r\n/.test(text)) {
      const count = await soon(connection.read(buffer));
      if (count === null) break;
      text += latin1.decode(buffer.subarray(0, count));
    }
  } catch (error) {
    // The server may close while we still write.
    if (!isGone(error)) throw error;
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  return { status: status === undefined ? null : Number(status), text };
}

/** The statuses of all answers that came. */
export function statusesOf({ text }: RawAnswer): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}

async function soon(read: Promise<number | null>): Promise<number | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<null>((resolve) => timer = setTimeout(resolve, PATIENCE, null));
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

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource;
}
