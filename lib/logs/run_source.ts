/** The runs of processes as sources of output, and the lines that say where one follows another. */
import type { OutputRun } from "../protocol/requests.ts";
import type { LogLine, LogSource } from "./output.ts";

/** One run of a process. */
export interface RunSource extends LogSource {
  /** The id of the process. */
  process: string;
  /** Counts from 1. */
  run: number;
  pid: number | null;
  /** In milliseconds since the epoch. */
  startedAt: number;
  /** It writes no more. */
  ended: boolean;
}

/** A run that the supervisor names, as a source. */
export function sourceOf(run: OutputRun): RunSource {
  const { start_time, run_directory, ...rest } = run;
  return { ...rest, startedAt: Date.parse(start_time), runDirectory: run_directory };
}

/**
 * Puts a line of persistproc's own before the first line of each run that follows another one of its
 * process, and where such a run has begun without writing anything yet.
 *
 * @param begun The runs to tell of; the one that a process was read from first is not among them.
 */
export function markRuns(lines: LogLine[], begun: readonly RunSource[]): LogLine[] {
  let marked = lines;
  for (const source of begun) {
    const first = marked.findIndex((line) => line.source === source);
    const later = marked.findIndex(({ time }) => time > source.startedAt);
    const at = first >= 0 ? first : later >= 0 ? later : marked.length;
    // A new run says itself that the line before it is not next to it.
    const rest = marked.slice(at).map((line, n) => n === 0 ? { ...line, gap: false } : line);
    marked = [...marked.slice(0, at), markOf(source), ...rest];
  }
  return marked;
}

function markOf(source: RunSource): LogLine {
  const pid = source.pid === null ? "" : `, PID ${source.pid}`;
  const text = `— restarted (run ${source.run}${pid}) —`;
  return {
    source,
    stream: "stdout",
    time: source.startedAt,
    bytes: new TextEncoder().encode(text),
    cutBefore: 0,
    cutAfter: 0,
    terminated: true,
    mark: true,
  };
}
