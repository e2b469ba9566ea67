/** Asking a port of this machine whether it speaks HTTP, without disturbing whoever listens. */

/** What a port speaks; null when it did not answer in time. */
export type SpokenProtocol = "http" | "https" | "other" | null;

/** Where a question may go: never to anywhere but this machine. */
export interface LoopbackPort {
  hostname: "127.0.0.1" | "::1";
  port: number;
}

/**
 * A request without the Host that HTTP/1.1 demands (RFC 9112, 3.2): most servers refuse it by
 * themselves, before any code of the application runs or anything is logged.
 */
const REQUEST = "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n";

const ANSWER_MILLISECONDS = 300;
const MOST_BYTES = 2_048;

/** Asks a port what it speaks. */
export async function probeHttp(
  where: LoopbackPort,
  milliseconds = ANSWER_MILLISECONDS,
): Promise<SpokenProtocol> {
  const answer = await ask(where, milliseconds);
  if (answer === null) return null;
  // nginx and Go say so when they are spoken to without TLS; others just hang up, or send an alert.
  if (/^HTTP\/[^]*HTTPS (port|server)/.test(answer)) return "https";
  if (answer.startsWith("HTTP/")) return "http";
  const silent = answer === "" || answer.startsWith("\x15\x03");
  return silent && await speaksTls(where) ? "https" : "other";
}

/** What comes back on a request, as far as it comes in time; null when nothing does. */
async function ask(where: LoopbackPort, milliseconds: number): Promise<string | null> {
  const signal = AbortSignal.timeout(milliseconds);
  const bytes = new Uint8Array(MOST_BYTES);
  let filled = 0;
  try {
    using connection = await Deno.connect({ ...where, signal });
    const hangUp = () => connection.close();
    signal.addEventListener("abort", hangUp, { once: true });
    try {
      await connection.write(new TextEncoder().encode(REQUEST));
      while (filled < bytes.length) {
        const read = await connection.read(bytes.subarray(filled));
        if (read === null) break;
        filled += read;
      }
    } finally {
      signal.removeEventListener("abort", hangUp);
    }
  } catch {
    // Refused, reset, or out of time.
  }
  if (filled === 0 && signal.aborted) return null;
  return new TextDecoder("latin1").decode(bytes.subarray(0, filled));
}

/** Whether a handshake gets as far as a certificate, which need not be one that we trust. */
async function speaksTls(where: LoopbackPort): Promise<boolean> {
  try {
    using _connection = await Deno.connectTls(where);
    return true;
  } catch (error) {
    return error instanceof Error && /certificate/i.test(error.message);
  }
}
