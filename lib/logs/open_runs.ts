/** Runs, opened as far as they are shown, and where each is read from. */
import type { Stream } from "../protocol/process.ts";
import type { ReadPosition } from "./cursor.ts";
import { type LogSizes, STREAMS } from "./run_files.ts";
import type { RunSource } from "./run_source.ts";
import { settledSize } from "./settled.ts";
import { RunLogs } from "./timed_lines.ts";

/** One run, opened, and from where it is read. */
export interface OpenRun {
  source: RunSource;
  logs: RunLogs;
  from: LogSizes;
  /** What lies before that and behind where it was to be read from, and is not kept any more. */
  missed: LogSizes;
}

/**
 * Opens runs; those that lie before the position of their process are passed over.
 *
 * @param opened Takes what is to be closed.
 */
export function openRuns(
  sources: readonly RunSource[],
  { from, now }: { from: readonly ReadPosition[] | null; now: number },
  opened: DisposableStack,
): OpenRun[] {
  const positions = new Map(from?.map((position) => [position.process, position]));
  const ahead = sources.filter(({ process, run }) => run >= (positions.get(process)?.run ?? 0));
  return ahead.map((source, at) => {
    const position = positions.get(source.process);
    const wanted = position?.run === source.run ? position : { stdout: 0, stderr: 0 };
    const sizes: number[] = [];
    const logs = opened.use(RunLogs.open(source.runDirectory, at, (log) => {
      sizes.push(log.size);
      return settledSize(log, { now, ended: source.ended });
    }));
    const missed = { stdout: 0, stderr: 0 };
    const start = (stream: Stream) => {
      const { begin } = logs.log(stream);
      // Somebody emptied the log: what it holds now is new.
      const offset = wanted[stream] > (sizes[STREAMS.indexOf(stream)] ?? 0) ? 0 : wanted[stream];
      missed[stream] = Math.max(0, begin - offset);
      return Math.max(offset, begin);
    };
    return { source, logs, from: { stdout: start("stdout"), stderr: start("stderr") }, missed };
  });
}
