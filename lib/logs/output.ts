/** What `output` shows: the newest lines of one or several runs, merged by time. */
import type { Stream } from "../protocol/process.ts";
import { type KeptBytes, readLine } from "./line_bytes.ts";
import { mergeSorted } from "./merge.ts";
import { STREAMS } from "./run_files.ts";
import { compareLines, RunLogs, type TimedLine, type TimeRange } from "./timed_lines.ts";

/** One run to read, and what its process is called. */
export interface LogSource {
  label: string;
  runDirectory: string;
}

/** Which lines to read. */
export interface OutputOptions extends TimeRange {
  stream: Stream | "combined";
  /** The newest this many; null for all. */
  lines: number | null;
  /** Stop when the lines hold this many bytes; null for no bound. 4 MiB unless given. */
  maxBytes?: number | null;
}

/** One line of output. */
export interface LogLine extends KeptBytes {
  source: LogSource;
  stream: Stream;
  /** When its first byte came, in milliseconds since the epoch. */
  time: number;
  /** Whether its newline has come yet. */
  terminated: boolean;
  /** Behind it in its log, its newline included; for whoever reads on from there. */
  end?: number;
  /** It goes on with a line whose beginning was shown before. */
  continued?: boolean;
  /** Lines are left out between this one and the one before. */
  gap?: boolean;
  /** It is persistproc's own, saying something of the run. */
  mark?: boolean;
}

/** Lines that were read, oldest first. */
export interface OutputPage {
  lines: LogLine[];
  /** Whether lines before the first one would have been wanted, too, but for the bounds. */
  earlier: boolean;
  /** What the logs that were read hold altogether. */
  bytesTotal: number;
  /** How many bytes before the first line would have been wanted, too, but are not kept any more. */
  missed: number;
  /** The runs that were read. */
  sources: LogSource[];
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the newest lines. Costs in proportion to what is returned, not to the size of the logs. A
 * log that does not exist is empty.
 */
export function readOutput(sources: LogSource[], options: OutputOptions): OutputPage {
  using opened = new DisposableStack();
  const runs = sources.map(({ runDirectory }, position) =>
    opened.use(RunLogs.open(runDirectory, position))
  );
  const streams = options.stream === "combined" ? STREAMS : [options.stream];
  const each = runs.flatMap((run) => streams.map((stream) => ({ run, stream })));
  const newestFirst = mergeSorted(
    each.map(({ run, stream }) => run.backward(stream, options)),
    (a, b) => compareLines(b, a),
  );

  const { lines: wanted, maxBytes = MAX_BYTES } = options;
  const lines: LogLine[] = [];
  let bytes = 0;
  let earlier = false;
  for (const line of newestFirst) {
    if (lines.length === (wanted ?? Infinity) || bytes >= (maxBytes ?? Infinity)) {
      earlier = true;
      break;
    }
    const read = loadLine(sources, line);
    if (!line.run.keeps(line)) continue;
    lines.push(read);
    bytes += read.bytes.length;
  }
  lines.reverse();
  const bytesTotal = each.reduce((sum, { run, stream }) => sum + run.kept(stream), 0);
  const gone = each.reduce((sum, { run, stream }) => sum + run.missed(stream, options), 0);
  return { lines, earlier, bytesTotal, missed: earlier ? 0 : gone, sources };
}

/** A line with its bytes. `sources` are those whose positions the runs were opened with. */
export function loadLine<Source extends LogSource>(
  sources: readonly Source[],
  line: TimedLine,
): LogLine & { source: Source } {
  const { run, stream, time, terminated } = line;
  const source = sources[run.position]!; // Runs are numbered as their sources are.
  return { source, stream, time, terminated, ...readLine(run.log(stream), line) };
}
