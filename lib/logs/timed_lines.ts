/** The lines of one run with the times at which they came. */
import type { Stream } from "../protocol/process.ts";
import { linesBackward, linesForward, lineStartFrom } from "./lines.ts";
import type { LineRange } from "./lines.ts";
import { LogFile } from "./log_file.ts";
import { mergeSorted } from "./merge.ts";
import { readDropped } from "./dropped.ts";
import { logPath, type LogSizes } from "./run_files.ts";
import { TimelineReader } from "./timeline.ts";

/** One line of a run: where it lies and when its first byte came. */
export interface TimedLine extends LineRange {
  run: RunLogs;
  stream: Stream;
  /** In milliseconds since the epoch. */
  time: number;
  /** The timeline record its first byte came with; their number when it is not indexed yet. */
  record: number;
}

/** Which lines are wanted by time: from `since` on (inclusive), up to `before` (exclusive). */
export interface TimeRange {
  /** In milliseconds since the epoch. */
  since: number | null;
  /** In milliseconds since the epoch. */
  before: number | null;
}

/** The last time that a `Date` can hold (ECMA-262, Time Values). */
const LAST_TIME = 8.64e15;

/** The logs and the timeline of one run, opened as they are now. */
export class RunLogs implements Disposable {
  /** Orders runs whose lines came at the same time. */
  readonly position: number;
  readonly #logs: Record<Stream, LogFile>;
  readonly #timeline: TimelineReader;

  private constructor(position: number, logs: Record<Stream, LogFile>, timeline: TimelineReader) {
    this.position = position;
    this.#logs = logs;
    this.#timeline = timeline;
  }

  /** @param until How far each log is read; all of it unless given. */
  static open(
    runDirectory: string,
    position = 0,
    until: (log: LogFile) => number = (log) => log.size,
  ): RunLogs {
    using opened = new DisposableStack();
    const open = (stream: Stream) => {
      const log = opened.use(
        LogFile.open(logPath(runDirectory, stream), () => readDropped(runDirectory)[stream]),
      );
      return log.cutTo(until(log));
    };
    const stdout = open("stdout");
    const stderr = open("stderr");
    // Last, so that it knows as much as possible of what the logs held a moment ago.
    const timeline = opened.use(TimelineReader.open(runDirectory));
    opened.move();
    return new RunLogs(position, { stdout, stderr }, timeline);
  }

  /** The sizes the logs had when they were opened. */
  get sizes(): LogSizes {
    return { stdout: this.#logs.stdout.size, stderr: this.#logs.stderr.size };
  }

  /** The log itself, for the bytes of a line. */
  log(stream: Stream): LogFile {
    return this.#logs[stream];
  }

  /** The lines of one stream within `range`, newest first. */
  *backward(stream: Stream, range: TimeRange): Generator<TimedLine, void> {
    const log = this.#logs[stream];
    const from = range.since === null ? 0 : this.#sizeBefore(stream, range.since);
    const to = range.before === null
      ? log.size
      : lineStartFrom(log, this.#sizeBefore(stream, range.before));
    let last = Infinity;
    let near = this.#timeline.count - 1;
    for (const line of linesBackward(log, to)) {
      if (line.start < from) return;
      near = this.#timeline.indexOf(stream, line.start, near);
      const time = this.#time(stream, near);
      last = time <= last ? time : last;
      yield { ...line, run: this, stream, time: last, record: near };
    }
  }

  /** Where what one stream has from `floor` on within `range` begins and ends, as offsets. */
  bounds(stream: Stream, range: TimeRange, floor: number): { from: number; to: number } {
    const log = this.#logs[stream];
    const start = (time: number) => {
      const size = this.#sizeBefore(stream, time);
      return size <= floor ? floor : lineStartFrom(log, size);
    };
    return {
      from: range.since === null ? floor : start(range.since),
      to: range.before === null ? log.size : start(range.before),
    };
  }

  /** A line with its time. */
  dated(stream: Stream, line: LineRange): TimedLine {
    const record = this.#timeline.indexOf(stream, line.start);
    return { ...line, run: this, stream, time: this.#time(stream, record), record };
  }

  /** Lines of this run next to one of them, of both streams, as they are shown: nearest first. */
  *neighbours(line: TimedLine, side: "before" | "after"): Generator<TimedLine, void> {
    const other: Stream = line.stream === "stdout" ? "stderr" : "stdout";
    const passed = line.record - (line.stream === "stdout" ? 1 : 0);
    const reached = passed < 0
      ? 0
      : passed < this.#timeline.count
      ? this.#timeline.record(passed)[other] || 0
      : Infinity;
    const log = this.#logs[other];
    const border = lineStartFrom(log, Math.min(reached, log.size));
    const next = line.end + (line.terminated ? 1 : 0);
    const dated = (stream: Stream, lines: Iterator<LineRange>) =>
      Iterator.from(lines).map((line) => this.dated(stream, line));
    yield* side === "before"
      ? mergeSorted(
        [
          dated(line.stream, linesBackward(this.#logs[line.stream], line.start)),
          dated(other, linesBackward(log, border)),
        ],
        (a, b) => compareLines(b, a),
      )
      : mergeSorted(
        [
          dated(line.stream, linesForward(this.#logs[line.stream], next)),
          dated(other, linesForward(log, border)),
        ],
        compareLines,
      );
  }

  /** The lines of one stream from byte `offset` on, oldest first; it has to begin a line. */
  *forward(stream: Stream, offset = 0): Generator<TimedLine, void> {
    let last = 0;
    let near = 0;
    for (const line of linesForward(this.#logs[stream], offset)) {
      near = this.#timeline.indexOf(stream, line.start, near);
      const time = this.#time(stream, near);
      last = time >= last ? time : last;
      yield { ...line, run: this, stream, time: last, record: near };
    }
  }

  /** How many bytes of one stream are kept. */
  kept(stream: Stream): number {
    const { size, begin } = this.#logs[stream];
    return size - begin;
  }

  /** How many bytes of one stream within `range` are not kept any more. */
  missed(stream: Stream, range: TimeRange): number {
    const { begin } = this.#logs[stream];
    if (begin === 0) return 0;
    const from = range.since === null ? 0 : this.#sizeBefore(stream, range.since);
    const to = range.before === null ? begin : this.#sizeBefore(stream, range.before);
    return Math.max(0, Math.min(begin, to) - from);
  }

  /** Whether a line of this run is still kept, asked after its bytes were read. */
  keeps(line: TimedLine): boolean {
    return line.start >= this.#logs[line.stream].begin;
  }

  /** How far the stream had got before `time`. */
  #sizeBefore(stream: Stream, time: number): number {
    const { size } = this.#logs[stream];
    const unindexed = this.#time(stream, this.#timeline.count);
    return unindexed < time ? size : Math.min(size, this.#timeline.sizeBefore(stream, time));
  }

  #time(stream: Stream, record: number): number {
    const { count } = this.#timeline;
    const { modified } = this.#logs[stream];
    const { time } = this.#timeline.record(Math.min(record, count - 1));
    // A damaged record says nothing; the log itself at least when it was last written to.
    if (!(time >= 0 && time <= LAST_TIME)) return modified;
    // Not indexed yet: as new as the log, and never older than what is indexed.
    return record < count ? time : Math.max(time, modified);
  }

  [Symbol.dispose](): void {
    this.#logs.stdout[Symbol.dispose]();
    this.#logs.stderr[Symbol.dispose]();
    this.#timeline[Symbol.dispose]();
  }
}

/**
 * The order in which lines are shown: by time; within a run by record, which is finer; stdout first
 * within a record, where nobody knows; then as they lie in the log. A total order.
 */
export function compareLines(a: TimedLine, b: TimedLine): number {
  return a.time - b.time || a.run.position - b.run.position || a.record - b.record ||
    (a.stream === b.stream ? a.start - b.start : a.stream === "stdout" ? -1 : 1);
}
