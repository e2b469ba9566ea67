/** What is read of one or several runs: lines, and the page that they make. */
import type { Stream } from "../protocol/process.ts";
import { type KeptBytes, readLine } from "./line_bytes.ts";
import type { TimedLine } from "./timed_lines.ts";

/** One run to read, and what its process is called. */
export interface LogSource {
  label: string;
  runDirectory: string;
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

/** A line with its bytes. `source` is the run that it is of. */
export function loadLine<Source extends LogSource>(
  source: Source,
  line: TimedLine,
): LogLine & { source: Source } {
  const { run, stream, time, terminated } = line;
  return { source, stream, time, terminated, ...readLine(run.log(stream), line) };
}
