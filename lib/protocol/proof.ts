/**
 * How a server and a command line prove to each other that they can read the data directory's token,
 * neither showing it: the command line asks with a nonce before it sends anything of value.
 */

/** HMAC-SHA-256 (RFC 2104) of the nonce under the token, in lower-case hexadecimal. */
export async function proveToken(token: string, nonce: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(token), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(nonce));
  return new Uint8Array(signature).toHex();
}

/**
 * What a caller of `/health` sends with its nonce, in the header {@linkcode PROOF_HEADER}. It holds
 * for one port: who listens on another one can not use it to pass for the caller there.
 */
export function proveCaller(token: string, port: number, nonce: string): Promise<string> {
  return proveToken(token, `caller of port ${port}: ${nonce}`);
}

/** Names the header of the caller's proof. */
export const PROOF_HEADER = "x-persistproc-proof";

/** Longest nonce that is looked at; clients send 36 characters. */
export const MAX_NONCE = 256;
