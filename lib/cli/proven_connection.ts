/** A connection on which a server has proved itself, for what must not reach anybody else. */
import { PersistprocError } from "../protocol/errors.ts";
import { PROOF_HEADER, proveCaller, proveToken } from "../protocol/proof.ts";
import { LoopbackConnection } from "../system/loopback_connection.ts";
import type { Server } from "./discovery.ts";

/** Milliseconds for the proof. Long, since a server that many ask at once is slow. */
const PROOF_MS = 20_000;
/** Far more than a proof takes. */
const PROOF_BYTES = 64 * 1024;

/** Says that the server answers nothing but that it has too much to do. */
export function tooBusy(): PersistprocError {
  return new PersistprocError("limit_reached", "The server has too much to do.", {
    hint: "Try again in a moment.",
  });
}

/**
 * Connects to a server that was found before. Another user can have got its port since, so that it
 * has to prove itself again, on the very connection that then carries the token.
 *
 * @param signal Gives up.
 * @throws {PersistprocError} when it is not the one that it was.
 */
export async function connectProven(
  { port, token }: Pick<Server, "port" | "token">,
  signal?: AbortSignal,
): Promise<LoopbackConnection> {
  const limit = AbortSignal.timeout(PROOF_MS);
  const within = signal ? AbortSignal.any([signal, limit]) : limit;
  const nonce = crypto.randomUUID();
  const connection = await LoopbackConnection.open(port, within);
  try {
    const { status, text } = await connection.ask({
      path: `/health?nonce=${nonce}`,
      headers: { [PROOF_HEADER]: await proveCaller(token, port, nonce) },
      maxBytes: PROOF_BYTES,
    }, { signal: within, keep: true });
    if (status === 429) throw tooBusy();
    if (status === 200 && JSON.parse(text)?.proof === await proveToken(token, nonce)) {
      return connection;
    }
    throw new PersistprocError(
      "server_unreachable",
      `What listens on port ${port} is not the server that it was, or its token was replaced.`,
      { hint: "Try again." },
    );
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}
