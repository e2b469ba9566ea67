/** Which lines come on a page: the newest, those that come next, or those that match. */
import type { Stream } from "../protocol/process.ts";
import type { LineMatcher } from "./line_matcher.ts";
import { NEWLINE } from "./lines.ts";
import { matchesBackward, SearchGivenUp, withContext } from "./matches.ts";
import { mergeSorted } from "./merge.ts";
import type { OpenRun } from "./open_runs.ts";
import { loadLine, type LogLine } from "./output.ts";
import { compareLines, type RunLogs, type TimedLine, type TimeRange } from "./timed_lines.ts";
import { Turns } from "./turns.ts";

/** What bounds the lines of a page. */
export interface PickOptions extends TimeRange {
  /** At most this many (of a search: matches); null for all. */
  lines: number | null;
  /** Stop when the lines hold this many bytes; null for no bound. 4 MiB unless given. */
  maxBytes?: number | null;
  signal?: AbortSignal;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** Milliseconds after which a search is given up. */
const SEARCH_MS = 20_000;

/** The lines that were picked, oldest first. */
export interface Picked {
  lines: LogLine[];
  /** The bounds left out lines before the first, or behind the last. */
  cut: boolean;
  matches: number | null;
  givenUp: boolean;
}

/** The newest lines, each log from its end on. */
export async function pickNewest(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: PickOptions,
): Promise<Picked> {
  const newestFirst = mergeSorted(
    runs.flatMap(({ logs, from }) =>
      streams.map((stream) => backwardTo(logs, stream, options, from[stream]))
    ),
    (a, b) => compareLines(b, a),
  );
  const { lines, cut } = await take(runs, newestFirst, options);
  return { lines: lines.reverse(), cut, matches: null, givenUp: false };
}

/** As `RunLogs.backward`, down to an offset that may lie within a line. */
function* backwardTo(
  logs: RunLogs,
  stream: Stream,
  range: TimeRange,
  floor: number,
): Generator<TimedLine, void> {
  for (const line of logs.backward(stream, range)) {
    if (line.start >= floor) {
      yield line;
      continue;
    }
    if (floor < line.end || (floor === line.end && line.terminated)) {
      yield logs.dated(stream, { ...line, start: floor });
    }
    return;
  }
}

/** Each process run by run, several processes by time; what came before the range is passed over. */
export async function pickNext(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: PickOptions,
): Promise<Picked> {
  const { since } = options;
  for (const { logs, from } of runs) {
    for (const stream of streams) {
      from[stream] = logs.bounds(stream, { since, before: null }, from[stream]).from;
    }
  }
  const byProcess = Map.groupBy(runs, ({ source }) => source.process);
  const forward = function* (runs: readonly OpenRun[]) {
    for (const { logs, from } of runs) {
      yield* mergeSorted(
        streams.map((stream) => logs.forward(stream, from[stream])),
        compareLines,
      );
    }
  };
  const oldestFirst = mergeSorted(
    Array.from(byProcess.values(), forward),
    (a, b) => a.time - b.time,
  );
  const picked = await take(runs, oldestFirst, options, options.before ?? Infinity);
  return { ...picked, matches: null, givenUp: false };
}

/** The newest lines that match, each with so many lines around it. */
export async function pickMatches(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: PickOptions,
  { matcher, contextLines }: { matcher: LineMatcher; contextLines: number },
): Promise<Picked> {
  const logs = runs.flatMap(({ logs, from }) =>
    streams.map((stream) => ({
      run: logs,
      stream,
      ...logs.bounds(stream, options, from[stream]),
    }))
  );
  const { signal } = options;
  const deadline = performance.now() + SEARCH_MS;
  const found: TimedLine[] = [];
  let bytes = 0;
  let cut = false;
  let givenUp = false;
  try {
    for await (const line of matchesBackward(logs, { matcher, deadline, signal })) {
      if (isFull(found.length, bytes, options)) {
        cut = true;
        break;
      }
      found.push(line);
      bytes += line.end - line.start;
    }
  } catch (error) {
    if (!(error instanceof SearchGivenUp)) throw error;
    givenUp = true;
  }
  const around = contextLines === 0
    ? found.map((line) => ({ line, gap: false }))
    : await withContext(found, contextLines, signal);
  const lines: LogLine[] = [];
  const turns = new Turns();
  for (const { line, gap } of around) {
    await turns.give();
    const read = load(runs, line);
    if (read !== null) lines.push({ ...read, gap });
  }
  return {
    lines: lines.reverse(),
    cut,
    matches: found.filter((line) => line.run.keeps(line)).length,
    givenUp,
  };
}

/** Lines between two looks at the time. */
const LINES_PER_TURN = 64;

async function take(
  runs: readonly OpenRun[],
  from: Iterable<TimedLine>,
  options: PickOptions,
  before = Infinity,
): Promise<{ lines: LogLine[]; cut: boolean }> {
  const lines: LogLine[] = [];
  const turns = new Turns();
  let bytes = 0;
  for (const line of from) {
    if (lines.length % LINES_PER_TURN === 0) await turns.give();
    if (line.time >= before || isFull(lines.length, bytes, options)) return { lines, cut: true };
    const read = load(runs, line);
    if (read === null) continue;
    lines.push(read);
    bytes += read.bytes.length;
  }
  return { lines, cut: false };
}

function isFull(lines: number, bytes: number, options: PickOptions): boolean {
  const { lines: most, maxBytes = MAX_BYTES } = options;
  return lines === (most ?? Infinity) || bytes >= (maxBytes ?? Infinity);
}

/** A line with its bytes; null when it was dropped before they were read. */
function load(runs: readonly OpenRun[], line: TimedLine): LogLine | null {
  const run = runs[line.run.position]!; // Runs are numbered as they are opened.
  const log = line.run.log(line.stream);
  // A log is cut where a line begins, and of what came before that nothing can be read.
  const continued = line.start === run.from[line.stream] && line.start > log.begin &&
    log.read(line.start - 1, new Uint8Array(1))[0] !== NEWLINE;
  const read = loadLine(run.source, line);
  if (!line.run.keeps(line)) return null;
  return { ...read, end: endOf(line), ...(continued ? { continued } : {}) };
}

function endOf({ end, terminated }: TimedLine): number {
  return end + (terminated ? 1 : 0);
}
