/** How far runs have been read when so many lines of them have been shown. */
import type { Stream } from "../protocol/process.ts";
import type { ReadPosition } from "./cursor.ts";
import type { OpenRun } from "./open_runs.ts";
import type { LogLine } from "./output.ts";

/** Where everything has been read that there was. */
export function endsOf(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  reading: boolean,
): ReadPosition[] {
  const last = new Map(runs.map((run) => [run.source.process, run]));
  return Array.from(last, ([process, { source, logs, from }]) => {
    const end = (stream: Stream) =>
      // Who reads on with one stream has not seen the other.
      streams.includes(stream) || !reading
        ? Math.max(from[stream], logs.sizes[stream])
        : from[stream];
    return { process, run: source.run, stdout: end("stdout"), stderr: end("stderr") };
  });
}

/** Where has been read what is shown. */
export function positionsBehind(
  runs: readonly OpenRun[],
  lines: readonly LogLine[],
): ReadPosition[] {
  const positions = new Map<string, ReadPosition>();
  for (const { source, from } of runs) {
    const { process, run } = source;
    if (!positions.has(process)) positions.set(process, { process, run, ...from });
  }
  for (const line of lines) {
    const run = runs.find(({ source }) => source === line.source);
    if (run === undefined) continue;
    const { process, run: number } = run.source;
    const position = positions.get(process);
    if (position?.run !== number) positions.set(process, { process, run: number, ...run.from });
    const now = positions.get(process);
    if (now && line.end !== undefined) now[line.stream] = line.end;
  }
  return [...positions.values()];
}

/** How many bytes there are behind some positions. */
export function bytesBehind(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  positions: readonly ReadPosition[],
): number {
  const read = new Map(positions.map((position) => [position.process, position]));
  return sum(runs, ({ source, logs, from }) => {
    const position = read.get(source.process);
    if (position === undefined || source.run < position.run) return 0;
    const start = source.run === position.run ? position : from;
    return sum(streams, (stream) => Math.max(0, logs.sizes[stream] - start[stream]));
  });
}

/** What is not kept any more between where the runs were to be read from and some positions. */
export function missedBefore(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  positions: readonly ReadPosition[],
): number {
  const reached = new Map(positions.map(({ process, run }) => [process, run]));
  return sum(
    runs.filter(({ source }) => source.run <= (reached.get(source.process) ?? 0)),
    ({ missed }) => sum(streams, (stream) => missed[stream]),
  );
}

/**
 * How much of what lies between where the runs were read from and some positions is none of the
 * lines that came, which are all that were to be had: it was dropped while it was read.
 */
export function unshownBefore(
  runs: readonly OpenRun[],
  streams: readonly Stream[],
  positions: readonly ReadPosition[],
  lines: readonly LogLine[],
): number {
  const reached = new Map(positions.map((position) => [position.process, position]));
  const passed = sum(runs, ({ source, logs, from }) => {
    const position = reached.get(source.process);
    if (position === undefined || source.run > position.run) return 0;
    const end = source.run === position.run ? position : logs.sizes;
    return sum(streams, (stream) => Math.max(0, end[stream] - from[stream]));
  });
  const shown = lines.filter(({ mark }) => !mark);
  return passed -
    sum(
      shown,
      ({ bytes, cutBefore, cutAfter, terminated }) =>
        cutBefore + bytes.length + cutAfter + (terminated ? 1 : 0),
    );
}

/** The sum of the numbers that some things have. */
export function sum<T>(items: readonly T[], number: (item: T) => number): number {
  return items.reduce((total, item) => total + number(item), 0);
}
