/** The last lines of runs, and where what follows them begins. */
import { mergeSorted } from "../../logs/merge.ts";
import type { LogSource } from "../../logs/output.ts";
import { type LogSizes, STREAMS } from "../../logs/run_files.ts";
import { compareLines, RunLogs, type TimeRange } from "../../logs/timed_lines.ts";
import type { Sink } from "./sink.ts";

/** Which lines of the past are shown. */
export interface HistoryOptions extends TimeRange {
  /** The newest this many of all runs together. */
  lines: number;
}

/**
 * Shows the newest lines of runs, merged by time.
 *
 * @returns for each source, from where to follow it so that nothing is lost and nothing comes twice.
 */
export async function showHistory(
  sources: readonly LogSource[],
  sink: Sink,
  options: HistoryOptions,
): Promise<LogSizes[]> {
  using opened = new DisposableStack();
  const runs = sources.map(({ runDirectory }, at) => opened.use(RunLogs.open(runDirectory, at)));
  const from = runs.map((run) => ({ ...run.sizes }));
  const newestFirst = mergeSorted(
    runs.flatMap((run) => STREAMS.map((stream) => run.backward(stream, options))),
    (a, b) => compareLines(b, a),
  );
  const lines = newestFirst.take(options.lines).toArray().reverse();
  for (const line of lines) {
    const source = sources[line.run.position];
    const sizes = from[line.run.position];
    if (!source || !sizes) continue;
    if (!line.terminated && sink.wholeLines) sizes[line.stream] = line.start;
    else await sink.past(source, line);
  }
  return from;
}
