/**
 * Whether a server answers nobody without the token, which holds for a data directory and not for
 * one start: a server that `run` starts by itself must not be laxer than the one before.
 */
import { removeIfThere, writePrivateFile } from "../system/files.ts";

/** What the data directory says, after what was asked for this time has been noted there. */
export async function keepTokenRequirement(path: string, asked?: boolean): Promise<boolean> {
  if (asked === true) await writePrivateFile(path, "serve --no-require-token ends this\n");
  if (asked === false) await removeIfThere(path);
  return await Deno.lstat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}
