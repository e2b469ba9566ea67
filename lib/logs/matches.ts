/** The lines of runs that match an expression, newest first, over any size in bounded memory. */
import type { Stream } from "../protocol/process.ts";
import { cleanLine } from "./clean.ts";
import { cleanBlock } from "./clean_block.ts";
import { readLine } from "./line_bytes.ts";
import { type LineBlock, lineBlocksBackward, numberedLines } from "./line_blocks.ts";
import type { LineMatcher } from "./line_matcher.ts";
import type { LogFile } from "./log_file.ts";
import { compareLines, type RunLogs, type TimedLine } from "./timed_lines.ts";
import { Turns } from "./turns.ts";

/** Part of one log. */
export interface SearchedLog {
  run: RunLogs;
  stream: Stream;
  /** Offsets at which lines begin, or what is left of one that was read in part. */
  from: number;
  to: number;
}

/** How a search is bounded. */
export interface SearchOptions {
  matcher: LineMatcher;
  /** The time (`performance.now()`) at which it is given up. */
  deadline: number;
  /** Aborted when nobody wants to know any more. */
  signal?: AbortSignal;
}

/** A search that was given up for its time; what it has found is right, but there may be more. */
export class SearchGivenUp extends Error {
  override name = "SearchGivenUp";
}

/**
 * Matching lines of several logs, newest first.
 *
 * @throws {SearchGivenUp} at the deadline, in place of the next line.
 */
export async function* matchesBackward(
  logs: readonly SearchedLog[],
  options: SearchOptions,
): AsyncGenerator<TimedLine, void> {
  const turns = new Turns();
  const heads: { line: TimedLine; rest: AsyncGenerator<TimedLine, void> }[] = [];
  for (const log of logs) {
    const rest = searchLog(log, options, turns);
    const first = await rest.next();
    if (!first.done) heads.push({ line: first.value, rest });
  }
  while (heads.length > 0) {
    let newest = heads[0]!; // The loop's condition says that there is one.
    for (const head of heads) if (compareLines(head.line, newest.line) > 0) newest = head;
    yield newest.line;
    const next = await newest.rest.next();
    if (next.done) heads.splice(heads.indexOf(newest), 1);
    else newest.line = next.value;
  }
}

async function* searchLog(
  { run, stream, from, to }: SearchedLog,
  { matcher, deadline, signal }: SearchOptions,
  turns: Turns,
): AsyncGenerator<TimedLine, void> {
  const log = run.log(stream);
  for (const block of lineBlocksBackward(log, from, to)) {
    // Found only where it is asked for: most blocks hold no match.
    const found = await matcher.find(blockText(log, block));
    for (const line of numberedLines(block, found).reverse()) yield run.dated(stream, line);
    await turns.give();
    signal?.throwIfAborted();
    if (performance.now() > deadline) throw new SearchGivenUp();
  }
}

/** The lines of a block as they would be shown, of a long one the part that would. */
function blockText(log: LogFile, block: LineBlock): string {
  return "line" in block ? cleanLine(readLine(log, block.line).bytes) : cleanBlock(block.bytes);
}

/**
 * Each of some lines of runs with the lines next to it in its run; `gap` says where lines in between
 * are left out.
 *
 * @param found Newest first.
 * @returns Newest first, none twice.
 */
export async function withContext(
  found: readonly TimedLine[],
  count: number,
  signal?: AbortSignal,
): Promise<{ line: TimedLine; gap: boolean }[]> {
  const turns = new Turns();
  const result: { line: TimedLine; gap: boolean }[] = [];
  const taken = new Set<string>();
  const keyOf = ({ run, stream, start }: TimedLine) => `${run.position} ${stream} ${start}`;
  for (const match of found) {
    await turns.give();
    signal?.throwIfAborted();
    const before = [...match.run.neighbours(match, "before").take(count)];
    const after = [...match.run.neighbours(match, "after").take(count + 1)];
    // One more than is shown: only it tells whether the next group follows at once.
    const touches = after.length <= count ? after.length === 0 : taken.has(keyOf(after[count]!));
    const last = result.at(-1);
    const joins = touches || after.some((line) => taken.has(keyOf(line))) ||
      taken.has(keyOf(match));
    if (last && !joins) last.gap = true;
    for (const line of [...after.slice(0, count).reverse(), match, ...before]) {
      if (taken.has(keyOf(line))) continue;
      taken.add(keyOf(line));
      result.push({ line, gap: false });
    }
  }
  return result;
}
