/** Handing bytes on to the standard input of a process, as fast as that reads them. */
import { PersistprocError } from "../protocol/errors.ts";

/** A piece of this size is taken whole or not at all, so that it can be offered again. */
const PIECE_BYTES = Deno.build.os === "linux" ? 4_096 : 512;

/** Milliseconds until a program that does not read, or a server without time, is tried again. */
const PAUSE_MS = 200;

/** How bytes are handed on. */
export interface WriteInputOptions<Result> {
  /** Sends a piece, in base64. */
  write: (piece: { data: string }) => Promise<Result>;
  /** Told each time that the program does not read. */
  waiting?: () => void;
  /** Gives up. */
  signal?: AbortSignal;
}

/** Hands on all bytes; returns what the last piece was answered, null when there was none. */
export async function writeInput<Result>(
  bytes: Uint8Array,
  { write, waiting, signal }: WriteInputOptions<Result>,
): Promise<Result | null> {
  let result: Result | null = null;
  for (let at = 0; at < bytes.length && !signal?.aborted;) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    try {
      result = await write({ data: piece.toBase64() });
      at += piece.length;
    } catch (error) {
      const { code } = error instanceof PersistprocError ? error : {};
      if (code === "input_full") waiting?.();
      // A server that has too much to do has taken nothing, and may have time in a moment.
      else if (code !== "limit_reached") throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return result;
}
