/** The bytes of one line, of which only so many are kept. */
import type { LineRange } from "./lines.ts";
import type { LogFile } from "./log_file.ts";

/** How much of one line is kept, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024;

/** The part of a line that is kept. */
export interface KeptBytes {
  bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes of the line are left out before and behind it. One of the two is 0. */
  cutBefore: number;
  cutAfter: number;
}

const CARRIAGE_RETURN = 13;

/**
 * Reads a line, of a long one only a part: its beginning, or, where carriage returns show that it
 * was written over and over (a progress bar), its end. No character of several bytes is cut.
 */
export function readLine(log: LogFile, { start, end }: LineRange): KeptBytes {
  const length = end - start;
  const head = log.read(start, new Uint8Array(Math.min(length, MAX_LINE_BYTES)));
  if (length <= MAX_LINE_BYTES) return { bytes: head, cutBefore: 0, cutAfter: 0 };

  const tail = log.read(end - MAX_LINE_BYTES, new Uint8Array(MAX_LINE_BYTES));
  const overwritten = tail.indexOf(CARRIAGE_RETURN);
  // The very last one belongs to the newline: CRLF.
  if (overwritten >= 0 && overwritten < tail.length - 1) {
    const bytes = tail.subarray(overwritten + 1);
    return { bytes, cutBefore: length - bytes.length, cutAfter: 0 };
  }
  const bytes = head.subarray(0, lastCharacterEnd(head));
  return { bytes, cutBefore: 0, cutAfter: length - bytes.length };
}

/** Where the last complete UTF-8 character ends; the length when the end is not UTF-8 at all. */
export function lastCharacterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
