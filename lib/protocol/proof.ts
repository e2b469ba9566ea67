/**
 * How a server proves that it is ours: only who can read the data directory's token can answer a
 * nonce. Clients ask before they send anything of value.
 */

/** HMAC-SHA-256 (RFC 2104) of the nonce under the token, in lower-case hexadecimal. */
export async function proveToken(token: string, nonce: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(token), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(nonce));
  return Array.from(new Uint8Array(signature), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
