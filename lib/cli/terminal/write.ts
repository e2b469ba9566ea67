/** Everything that the command line writes goes through here. */
import { PersistprocError } from "../../protocol/errors.ts";
import { printableLines } from "../../protocol/printable.ts";
import type { Stream } from "../../protocol/process.ts";

const encoder = new TextEncoder();

/** Whether the terminal shows every byte as it is, so that a line feed only moves down. */
let raw = false;

/** To be told by whoever makes the terminal raw in that way. */
export function setRawOutput(is: boolean): void {
  raw = is;
}

/** Text of our own, with the ends of its lines as the terminal needs them now. */
export function encodeOwnText(stream: Stream, text: string): Uint8Array {
  return encoder.encode(raw && Deno[stream].isTerminal() ? text.replaceAll("\n", "\r\n") : text);
}

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

/** Writes text to stdout as it is: drawing, a protocol, or what a program has written. */
export function printRaw(text: string): Promise<void> {
  return writeBytes("stdout", encoder.encode(text));
}

/** Writes a result to stdout. Whatever is in it, a terminal only shows it. */
export function printResult(text: string): Promise<void> {
  return printRaw(printableLines(text));
}

/** The same on stderr for a note or an error; a closed stderr is no error. */
export async function printNote(text: string): Promise<void> {
  try {
    await writeBytes("stderr", encodeOwnText("stderr", printableLines(text)));
  } catch {
    // Nobody reads it: there is no one to tell.
  }
}
