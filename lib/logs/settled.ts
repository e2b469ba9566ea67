/**
 * How far a log can be shown to somebody who is never to be shown the same byte twice: a line that
 * is just being written is left for the next time, since it would come torn in two.
 */
import { readSequence } from "./escapes.ts";
import { lastCharacterEnd } from "./line_bytes.ts";
import { linesBackward, NEWLINE } from "./lines.ts";
import type { LogFile } from "./log_file.ts";

/** A line without an end that has rested so long is a prompt, in milliseconds. */
const RESTED_MS = 100;

/** The longest end of a line that may be the beginning of something: UTF-8, an escape sequence. */
const TAIL_BYTES = 64;

const ESC = 0x1b;

/**
 * The offset up to which `log` is shown.
 *
 * @param log As it is now.
 * @param facts.now Milliseconds since the epoch.
 * @param facts.ended Whether its run has: then nothing follows what is there.
 */
export function settledSize(log: LogFile, facts: { now: number; ended: boolean }): number {
  const { size } = log;
  if (size === 0 || facts.ended) return size;
  const from = Math.max(0, size - TAIL_BYTES);
  const tail = log.read(from, new Uint8Array(size - from));
  if (tail.at(-1) === NEWLINE) return size;
  if (facts.now - log.modified >= RESTED_MS) return from + wholeLength(tail);
  for (const { start } of linesBackward(log)) return start;
  return size;
}

/** Without the beginning of a character or of an escape sequence at the end. */
function wholeLength(bytes: Uint8Array): number {
  const end = lastCharacterEnd(bytes);
  const escape = bytes.subarray(0, end).lastIndexOf(ESC);
  if (escape < 0) return end;
  const text = Array.from(bytes.subarray(escape, end), (byte) => String.fromCharCode(byte)).join(
    "",
  );
  return isOpen(text) ? escape : end;
}

/** Whether a text that begins with ESC is the beginning of a sequence and no more. */
function isOpen(text: string): boolean {
  if (readSequence(text, 0).end < text.length) return false;
  const last = text.at(-1) ?? "";
  switch (text[1]) {
    case "[":
      return text.length === 2 || last < "@";
    case "]":
    case "P":
    case "X":
    case "^":
    case "_":
      return last !== "\x07" && !text.endsWith("\x1b\\");
    default:
      return last < "0";
  }
}
