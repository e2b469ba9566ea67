/** The lines of one log in blocks of many, for whoever looks at all of them. */
import { MAX_LINE_BYTES } from "./line_bytes.ts";
import { linesForward } from "./lines.ts";
import type { LogFile } from "./log_file.ts";

/**
 * How much is looked at at once, in bytes: what fits into a processor's cache is searched twice as
 * fast. A line that does not fit is longer than what is kept of one.
 */
export const SEARCH_BYTES = MAX_LINE_BYTES;

const NEWLINE = 10;

/** Some whole lines that follow each other. */
export interface LineBlock {
  start: number;
  /** Behind the last line and its newline. */
  end: number;
  /** Null when it is one line, longer than what is kept of a line. */
  bytes: Uint8Array<ArrayBuffer> | null;
}

/** The lines from `from` to `to`, where lines begin, newest block first; bytes valid until the next. */
export function* lineBlocksBackward(
  log: LogFile,
  from: number,
  to: number,
): Generator<LineBlock, void> {
  const buffer = new Uint8Array(SEARCH_BYTES);
  for (let end = to; end > from;) {
    const low = Math.max(from, end - SEARCH_BYTES);
    const block = log.read(low, buffer.subarray(0, end - low));
    // The newline at the very end ends a line and begins none.
    const newline = low === from ? -1 : block.subarray(0, -1).indexOf(NEWLINE);
    const start = low === from || newline >= 0 ? low + newline + 1 : lineStart(log, low, from);
    yield { start, end, bytes: start >= low ? block.subarray(start - low) : null };
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
export function* numberedLines(log: LogFile, block: LineBlock, numbers: readonly number[]) {
  let number = 0;
  let wanted = 0;
  for (const line of linesForward(log, block.start)) {
    if (wanted === numbers.length || line.start >= block.end) return;
    if (number++ !== numbers[wanted]) continue;
    wanted++;
    yield line;
  }
}
