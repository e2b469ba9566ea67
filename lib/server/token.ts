/** The secret that the server and the command line of one data directory share. */
import { PersistprocError } from "../protocol/errors.ts";
import { readTextIfThere, refuseLinkSync, writePrivateFile } from "../system/files.ts";

const TOKEN = /^[0-9a-f]{64}$/;

/**
 * The token of a data directory: 32 random bytes in hexadecimal, made once and then kept.
 * The caller holds the directory's lock, so that two servers never make two.
 */
export async function ensureToken(path: string): Promise<string> {
  refuseLinkSync(path);
  const kept = (await readTextIfThere(path))?.trim();
  if (kept !== undefined && TOKEN.test(kept)) {
    await refusePublic(path);
    return kept;
  }
  return await makeToken(path);
}

/** A new token, which takes the place of the one that there was. */
export async function makeToken(path: string): Promise<string> {
  const token = crypto.getRandomValues(new Uint8Array(32)).toHex();
  await writePrivateFile(path, `${token}\n`);
  return token;
}

async function refusePublic(path: string): Promise<void> {
  const { mode } = await Deno.lstat(path);
  if (mode === null || (mode & 0o077) === 0) return;
  // Whoever could read it may have: a token that others saw is none.
  throw new PersistprocError("storage", `Other users can read the token ${path}.`, {
    hint: "Delete it: the server makes a new one.",
  });
}
