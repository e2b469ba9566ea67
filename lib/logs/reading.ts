/** What `output` reads of runs: the newest lines, those since a cursor, or those that match. */
import type { Stream } from "../protocol/process.ts";
import type { ReadPosition } from "./cursor.ts";
import type { LineMatcher } from "./line_matcher.ts";
import { troubleWith } from "./log_file.ts";
import { type OpenRun, openRuns } from "./open_runs.ts";
import type { OutputPage } from "./output.ts";
import { type Picked, pickMatches, pickNewest, pickNext, type PickOptions } from "./picking.ts";
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

/** Which lines to read. */
export interface ReadOptions extends PickOptions {
  stream: Stream | "combined";
  /** Read from here on; null from the beginning. A process without a position is read as a whole. */
  from: readonly ReadPosition[] | null;
  /** When the bounds leave lines out: whether the newest are kept, or those that come next. */
  keep: "newest" | "next";
  /** Only lines that match, the newest; with so many lines around each. */
  grep?: { matcher: LineMatcher; contextLines: number } | null;
  /** Milliseconds since the epoch. */
  now: number;
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
  // What is being started has none yet.
  if (source.pid === null) return [];
  return streams.filter((stream) => logs.log(stream).missing)
    .map((stream) => logPath(source.runDirectory, stream))
    .flatMap((path) => {
      const trouble = troubleWith(path);
      return trouble === null ? [] : [`${path} ${trouble}`];
    });
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
