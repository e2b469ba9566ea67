/** From a request for output to a page of text with a cursor: for the tool and the command line. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Stream } from "../protocol/process.ts";
import type { OutputRun } from "../protocol/requests.ts";
import { type Cursor, formatCursor, type ReadPosition } from "./cursor.ts";
import { parseExpression } from "./expression.ts";
import { openMatcher } from "./line_matcher.ts";
import { formatFooter, formatPage, type PageFormat, type PageText } from "./page.ts";
import { type ReadPage, readRuns } from "./reading.ts";
import { sourceOf } from "./run_source.ts";

/** What to read, after all texts were understood. */
export interface PageRequest {
  /** Whose output; of a target that names nothing, that of all processes it lets through. */
  runs: readonly OutputRun[];
  /** Nobody was named: the cursor that is given out is one for all. */
  all: boolean;
  stream: Stream | "combined";
  lines: number | null;
  /** Milliseconds since the epoch. */
  since: number | null;
  before: number | null;
  sinceLastStart?: boolean;
  grep?: string;
  contextLines?: number;
  /** Read on from here. */
  cursor?: Cursor | null;
  /** Read from here, but keep the newest lines: what has come since somebody began to wait. */
  from?: readonly ReadPosition[];
  maxBytes?: number | null;
  signal?: AbortSignal;
}

/** A page, and how to read on behind what is shown of it. */
export interface ReadResult {
  page: ReadPage;
  /** The lines that come next were asked for, not the newest. */
  next: boolean;
  /** The cursor behind the first so many lines of the page. */
  cursorAfter(lines: number): string;
}

/**
 * Reads a page.
 *
 * @throws {PersistprocError} for an expression that does not compile or takes too long.
 */
export async function readPage(request: PageRequest): Promise<ReadResult> {
  const { grep, contextLines = 0, cursor, from, all } = request;
  if (grep === undefined && contextLines > 0) {
    throw new PersistprocError("invalid_request", "context_lines needs grep: lines around what?", {
      hint: "Give grep, a regular expression, too.",
    });
  }
  const runs = request.sinceLastStart ? lastRuns(request.runs) : request.runs;
  using matcher = grep === undefined ? null : openMatcher(parseExpression(grep, "grep"));
  const next = cursor != null;
  const page = await readRuns(runs.map(sourceOf), {
    stream: request.stream,
    lines: request.lines,
    since: request.since,
    before: request.before,
    from: cursor?.positions ?? from ?? null,
    keep: next ? "next" : "newest",
    grep: matcher && { matcher, contextLines },
    now: Date.now(),
    maxBytes: request.maxBytes,
    signal: request.signal,
  });
  return {
    page,
    next: next && matcher === null,
    cursorAfter: (lines) =>
      formatCursor({ all: cursor?.all ?? all, positions: page.positionsAfter(lines) }),
  };
}

/** The current run of each process. */
function lastRuns(runs: readonly OutputRun[]): OutputRun[] {
  return [...new Map(runs.map((run) => [run.process, run])).values()];
}

/** A page as text; its last line has the counters and the way on. */
export function formatResult(
  { page, next, cursorAfter }: ReadResult,
  format: PageFormat,
): { text: PageText; footer: string; cursor: string } {
  const pageFormat: PageFormat = { ...format, leaveOut: next ? "last" : "first" };
  let text = formatPage(page, pageFormat);
  const missed = page.missedAfter(text.shown);
  if (missed !== page.missed) text = formatPage({ ...page, missed }, pageFormat);
  const cursor = cursorAfter(text.shown);
  const more = next ? page.bytesAfter(text.shown) : 0;
  const facts = [
    page.matches === null ? [] : `${page.matches} match${page.matches === 1 ? "" : "es"}`,
    page.givenUp ? "the search was given up after 20 s: narrow it by since_time" : [],
    unreadableNote(page) ?? [],
    more > 0 ? `${more} bytes more behind the cursor` : [],
    page.sources.length > 0 ? `cursor ${cursor}` : [],
  ].flat();
  return { text, footer: formatFooter({ ...page, missed }, text, facts), cursor };
}

/** Which logs could not be read, in few words; null when all could. */
export function unreadableNote({ unreadable: [first, ...others] }: ReadPage): string | null {
  if (first === undefined) return null;
  return others.length === 0 ? first : `${first} (as ${others.length} more)`;
}

/**
 * Makes sure that a cursor is one of the processes that are read with it.
 *
 * @param named Whether a process was named besides the cursor.
 * @throws {PersistprocError} `invalid_request` or `not_found`.
 */
export function checkCursor(cursor: Cursor, runs: readonly OutputRun[], named: boolean): void {
  const known = new Set(runs.map(({ process }) => process));
  const meant = cursor.positions.filter(({ process }) => known.has(process));
  const stranger = named &&
    [...known].some((id) => !cursor.positions.some(({ process }) => process === id));
  if (stranger) {
    throw new PersistprocError("invalid_request", "This cursor belongs to another process.", {
      hint: "Leave out the process, since a cursor names its own; or leave out the cursor.",
    });
  }
  if (meant.length > 0 || cursor.positions.length === 0) return;
  throw new PersistprocError("not_found", "The process of this cursor is not known any more.", {
    hint: "Leave out the cursor; `list` shows what there is.",
  });
}
