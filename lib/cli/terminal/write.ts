/** Everything that the command line writes goes through here. */
import { PersistprocError } from "../../protocol/errors.ts";
import type { Stream } from "../../protocol/process.ts";

const encoder = new TextEncoder();

/** Milliseconds until a full pipe or terminal in non-blocking mode is tried again. */
const RETRY_MS = 5;

/**
 * Writes all bytes, however slowly the reader takes them. The write is asynchronous so that signals
 * are still heard while the reader takes nothing.
 *
 * @throws {Deno.errors.BrokenPipe} when the reader is gone.
 * @throws {PersistprocError} when the disk is full, say.
 */
export async function writeBytes(stream: Stream, bytes: Uint8Array): Promise<void> {
  const writer = stream === "stdout" ? Deno.stdout : Deno.stderr;
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(await writer.write(rest));
    } catch (error) {
      // The descriptor may be shared with a program that made it non-blocking (open(2), O_NONBLOCK).
      if (error instanceof Deno.errors.BrokenPipe) throw error;
      if (!(error instanceof Deno.errors.WouldBlock)) {
        const why = error instanceof Error ? error.message : String(error);
        throw new PersistprocError("storage", `The output cannot be written: ${why}.`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Writes a result to stdout. */
export function printResult(text: string): Promise<void> {
  return writeBytes("stdout", encoder.encode(text));
}

/** Writes a note, a question or an error to stderr, where a closed stderr is no error. */
export async function printNote(text: string): Promise<void> {
  try {
    await writeBytes("stderr", encoder.encode(text));
  } catch {
    // Nobody reads it: there is no one to tell.
  }
}
