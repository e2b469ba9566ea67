/** What `output` reads of runs: the newest lines, those since a cursor, or those that match. */
import type { Stream } from "../protocol/process.ts";
import type { ReadPosition } from "./cursor.ts";
import type { LineMatcher } from "./line_matcher.ts";
import { NEWLINE } from "./lines.ts";
import { troubleWith } from "./log_file.ts";
import { matchesBackward, SearchGivenUp, withContext } from "./matches.ts";
import { mergeSorted } from "./merge.ts";
import { type OpenRun, openRuns } from "./open_runs.ts";
import { loadLine, type LogLine, type OutputPage } from "./output.ts";
import {
  bytesBehind,
  endsOf,
  missedBefore,
  positionsBehind,
  sum,
  unshownBefore,
} from "./positions.ts";
import { logPath, STREAMS } from "./run_files.ts";
import { markRuns, type RunSource } from "./run_source.ts";
import { compareLines, type RunLogs, type TimedLine, type TimeRange } from "./timed_lines.ts";
import { Turns } from "./turns.ts";

/** Which lines to read. */
export interface ReadOptions extends TimeRange {
  stream: Stream | "combined";
  /** At most this many (of a search: matches); null for all. */
  lines: number | null;
  /** Read from here on; null from the beginning. A process without a position is read as a whole. */
  from: readonly ReadPosition[] | null;
  /** When the bounds leave lines out: whether the newest are kept, or those that come next. */
  keep: "newest" | "next";
  /** Only lines that match, the newest; with so many lines around each. */
  grep?: { matcher: LineMatcher; contextLines: number } | null;
  /** Milliseconds since the epoch. */
  now: number;
  /** Stop when the lines hold this many bytes; null for no bound. 4 MiB unless given. */
  maxBytes?: number | null;
  signal?: AbortSignal;
}

/** Lines that were read, oldest first. */
export interface ReadPage extends OutputPage {
  sources: RunSource[];
  /** How many of the lines matched; null when that was not asked. */
  matches: number | null;
  /** The search was given up before it had seen everything. */
  givenUp: boolean;
  /** Which logs could not be read, and why: each a path with its predicate. */
  unreadable: string[];
  /** Where to read on after the first so many lines. */
  positionsAfter(lines: number): ReadPosition[];
  /** How many bytes there are behind that. */
  bytesAfter(lines: number): number;
  /** As `missed`, of what lies before that: what lies behind is told with what follows. */
  missedAfter(lines: number): number;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** Milliseconds after which a search is given up. */
const SEARCH_MS = 20_000;

/** The lines that were picked, oldest first. */
interface Picked {
  lines: LogLine[];
  /** The bounds left out lines before the first, or behind the last. */
  cut: boolean;
  matches: number | null;
  givenUp: boolean;
}

/**
 * Reads runs. No byte comes twice to who reads on from the last position, and none is left out
 * without being counted: lines that are just being written come when they are whole, or have rested.
 *
 * @param sources Runs of the same process in their order.
 */
export async function readRuns(
  sources: readonly RunSource[],
  options: ReadOptions,
): Promise<ReadPage> {
  using opened = new DisposableStack();
  const runs = openRuns(sources, options, opened);
  const streams = options.stream === "combined" ? STREAMS : [options.stream];
  const forward = options.keep === "next" && !options.grep;
  const picked = options.grep
    ? await pickMatches(runs, streams, options, options.grep)
    : forward
    ? await pickNext(runs, streams, options)
    : await pickNewest(runs, streams, options);
  const lines = markRuns(picked.lines, runsToMark(runs, picked, { forward, from: options.from }));
  const ends = endsOf(runs, streams, options.from !== null);
  const positionsAfter = (count: number) =>
    forward && (picked.cut || count < lines.length)
      ? positionsBehind(runs, lines.slice(0, count))
      : ends;
  const missedAfter = (count: number) => {
    if (options.from === null) {
      return picked.cut ? 0 : sum(runs, ({ logs }) => sum(streams, (s) => logs.missed(s, options)));
    }
    const positions = positionsAfter(count);
    return missedBefore(runs, streams, positions) +
      (forward ? unshownBefore(runs, streams, positions, lines.slice(0, count)) : 0);
  };
  return {
    lines,
    earlier: !forward && picked.cut,
    bytesTotal: sum(runs, ({ logs }) => sum(streams, (stream) => logs.kept(stream))),
    sources: runs.map(({ source }) => source),
    matches: picked.matches,
    givenUp: picked.givenUp,
    unreadable: runs.flatMap((run) => unreadableLogs(run, streams)),
    missed: missedAfter(lines.length),
    positionsAfter,
    missedAfter,
    bytesAfter: (count) => bytesBehind(runs, streams, positionsAfter(count)),
  };
}

function unreadableLogs(
  { source, logs }: OpenRun,
  streams: readonly Stream[],
): string[] {
  return streams.filter((stream) => logs.log(stream).missing)
    .map((stream) => logPath(source.runDirectory, stream))
    .flatMap((path) => {
      const trouble = troubleWith(path);
      return trouble === null ? [] : [`${path} ${trouble}`];
    });
}

async function pickNewest(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: ReadOptions,
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
async function pickNext(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: ReadOptions,
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

async function pickMatches(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  options: ReadOptions,
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
  options: ReadOptions,
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

function isFull(lines: number, bytes: number, options: ReadOptions): boolean {
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

/** The runs whose beginning is news on a page. */
function runsToMark(
  runs: readonly OpenRun[],
  { lines, cut }: Picked,
  { forward, from }: { forward: boolean; from: readonly ReadPosition[] | null },
): RunSource[] {
  const onPage = new Set(lines.map(({ source }) => source));
  const known = new Map(from?.map(({ process, run }) => [process, run]));
  return runs.map(({ source }) => source).filter((source) => {
    const first = known.get(source.process) ??
      runs.find((other) => other.source.process === source.process && onPage.has(other.source))
        ?.source.run;
    if (first === undefined || source.run <= first) return false;
    // Of what comes later than the page, nothing is told yet.
    return onPage.has(source) || !(forward && cut);
  });
}
