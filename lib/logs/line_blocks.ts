/** The lines of one log in blocks of many, for whoever looks at all of them. */
import { MAX_LINE_BYTES } from "./line_bytes.ts";
import { type LineRange, NEWLINE } from "./lines.ts";
import type { LogFile } from "./log_file.ts";

/**
 * How much is looked at at once, in bytes: what fits into a processor's cache is searched twice as
 * fast. A line that does not fit is longer than what is kept of one.
 */
export const SEARCH_BYTES = MAX_LINE_BYTES;

/** Some whole lines that follow each other, or one that is longer than what is kept of a line. */
export type LineBlock =
  | { start: number; bytes: Uint8Array<ArrayBuffer> }
  | { line: LineRange };

/**
 * The lines from `from` to `to`, where lines begin, as far as they are kept, newest block first;
 * bytes valid until the next.
 */
export function* lineBlocksBackward(
  log: LogFile,
  from: number,
  to: number,
): Generator<LineBlock, void> {
  const buffer = new Uint8Array(SEARCH_BYTES);
  let first = Math.max(from, log.begin);
  for (let end = to; end > first;) {
    let low = Math.max(first, end - SEARCH_BYTES);
    let block = log.read(low, buffer.subarray(0, end - low));
    if (log.begin > low) {
      // Dropped while it was read, or while the reader of these lines was busy.
      block = block.subarray(log.begin - low);
      first = low = log.begin;
      if (block.length === 0) return;
    }
    const terminated = block.at(-1) === NEWLINE;
    // The newline at the very end ends a line and begins none.
    const newline = low === first ? -1 : block.subarray(0, -1).indexOf(NEWLINE);
    const start = low === first || newline >= 0 ? low + newline + 1 : lineStart(log, low, first);
    yield start >= low
      ? { start, bytes: block.subarray(start - low) }
      : { line: { start, end: terminated ? end - 1 : end, terminated } };
    end = start;
  }
}

/** The beginning of the line that `offset` is in. */
function lineStart(log: LogFile, offset: number, first: number): number {
  const buffer = new Uint8Array(SEARCH_BYTES);
  for (let end = offset; end > first;) {
    const low = Math.max(first, end - SEARCH_BYTES);
    const newline = log.read(low, buffer.subarray(0, end - low)).lastIndexOf(NEWLINE);
    if (newline >= 0) return low + newline + 1;
    end = low;
  }
  return first;
}

/** Where the lines with these numbers, from 0 on and ascending, lie in a block. */
export function numberedLines(block: LineBlock, numbers: readonly number[]): LineRange[] {
  if ("line" in block) return numbers.map(() => block.line);
  const { start, bytes } = block;
  let number = 0;
  let at = 0;
  return numbers.map((wanted) => {
    for (; number < wanted; number++) at = bytes.indexOf(NEWLINE, at) + 1;
    const newline = bytes.indexOf(NEWLINE, at);
    const terminated = newline >= 0;
    return { start: start + at, end: start + (terminated ? newline : bytes.length), terminated };
  });
}
