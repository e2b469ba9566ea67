/**
 * Where the lines of one log lie, from its end or from its beginning, in memory that does not
 * depend on how long they are. A newline ends a line; what follows the last one is a line, too.
 */
import { BLOCK_BYTES, type LogFile } from "./log_file.ts";

/** The byte that ends a line. */
export const NEWLINE = 10;

/** One line of a log, as byte offsets. */
export interface LineRange {
  start: number;
  /** Behind its last byte; the newline is not part of the line. */
  end: number;
  /** Whether a newline follows. Only the last line of a log may lack it. */
  terminated: boolean;
}

/** The lines of `log` before `to`, newest first. `to` has to be the beginning of a line or the end. */
export function* linesBackward(log: LogFile, to = log.size): Generator<LineRange, void> {
  if (to <= log.begin) return;
  const buffer = new Uint8Array(BLOCK_BYTES);
  let end = to;
  let terminated = false;
  for (let blockEnd = to; blockEnd > log.begin;) {
    // On multiples of the block size, so that every read but the first is aligned.
    const aligned = Math.floor((blockEnd - 1) / BLOCK_BYTES) * BLOCK_BYTES;
    let blockStart = Math.max(aligned, log.begin);
    let block = log.read(blockStart, buffer.subarray(0, blockEnd - blockStart));
    if (log.begin > blockStart) {
      // Dropped while it was read.
      block = block.subarray(log.begin - blockStart);
      blockStart = log.begin;
    }
    for (let at = block.length; (at = lastNewline(block, at)) >= 0;) {
      const newline = blockStart + at;
      // The newline at the very end begins no line, it only ends the last one.
      if (newline + 1 < to) yield { start: newline + 1, end, terminated };
      end = newline;
      terminated = true;
    }
    blockEnd = blockStart;
  }
  if (log.begin <= end) yield { start: log.begin, end, terminated };
}

/**
 * The lines of `log` from `from` on, oldest first, as far as they are kept. `from` has to be the
 * beginning of a line.
 */
export function* linesForward(log: LogFile, from = 0): Generator<LineRange, void> {
  const buffer = new Uint8Array(BLOCK_BYTES);
  let start = Math.max(from, log.begin);
  for (let blockStart = start; blockStart < log.size;) {
    const wanted = Math.min(BLOCK_BYTES, log.size - blockStart);
    const block = log.read(blockStart, buffer.subarray(0, wanted));
    if (block.length === 0) break;
    if (log.begin > blockStart) {
      // Dropped while it was read, or while the reader of these lines was busy.
      start = blockStart = log.begin;
      continue;
    }
    for (let at = -1; (at = block.indexOf(NEWLINE, at + 1)) >= 0;) {
      yield { start, end: blockStart + at, terminated: true };
      start = blockStart + at + 1;
    }
    blockStart += block.length;
  }
  if (start < log.size) yield { start, end: log.size, terminated: false };
}

/** The beginning of the first line that begins at `offset` or behind it; the size when none does. */
export function lineStartFrom(log: LogFile, offset: number): number {
  if (offset <= log.begin) return log.begin;
  // A line that begins at `offset` itself has its predecessor's newline just before it.
  for (const line of linesForward(log, offset - 1)) {
    return line.terminated ? line.end + 1 : log.size;
  }
  return log.size;
}

function lastNewline(block: Uint8Array, before: number): number {
  // `lastIndexOf` takes a negative position as counted from the end.
  return before === 0 ? -1 : block.lastIndexOf(NEWLINE, before - 1);
}
