/** The plainest way to read runs, for tests of what lies below: the newest lines, merged by time. */
import type { Stream } from "../../lib/protocol/process.ts";
import { mergeSorted } from "../../lib/logs/merge.ts";
import { loadLine, type LogLine, type LogSource, type OutputPage } from "../../lib/logs/output.ts";
import { STREAMS } from "../../lib/logs/run_files.ts";
import { compareLines, RunLogs, type TimeRange } from "../../lib/logs/timed_lines.ts";

/** Which lines to read. */
export interface OutputOptions extends TimeRange {
  stream: Stream | "combined";
  /** The newest this many; null for all. */
  lines: number | null;
  /** Stop when the lines hold this many bytes; null for no bound. 4 MiB unless given. */
  maxBytes?: number | null;
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
    const read = loadLine(sources[line.run.position]!, line); // Numbered as they were opened.
    if (!line.run.keeps(line)) continue;
    lines.push(read);
    bytes += read.bytes.length;
  }
  lines.reverse();
  const bytesTotal = each.reduce((sum, { run, stream }) => sum + run.kept(stream), 0);
  const gone = each.reduce((sum, { run, stream }) => sum + run.missed(stream, options), 0);
  return { lines, earlier, bytesTotal, missed: earlier ? 0 : gone, sources };
}
