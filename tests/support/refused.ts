/** Failures that users see. */
import { assert, assertRejects } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";

/** The failure of what has to fail for a reason that users are told, in all these words. */
export async function refused(
  act: () => Promise<unknown>,
  ...words: string[]
): Promise<PersistprocError> {
  const error = await assertRejects(act, PersistprocError);
  for (const word of words) assert(error.message.includes(word), `"${word}" in ${error.message}`);
  return error;
}
