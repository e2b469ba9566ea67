/** What becomes of the bytes of a run on their way to the terminal. */
import { MAX_LINE_BYTES, readLine } from "../../logs/line_bytes.ts";
import { NEWLINE } from "../../logs/lines.ts";
import { BLOCK_BYTES } from "../../logs/log_file.ts";
import type { LogLine, LogSource } from "../../logs/output.ts";
import { formatLine, type LineFormat } from "../../logs/line_text.ts";
import type { LogSizes } from "../../logs/run_files.ts";
import { TimelineReader } from "../../logs/timeline.ts";
import type { TimedLine } from "../../logs/timed_lines.ts";
import { describeBytes } from "../../protocol/byte_size.ts";
import type { Stream } from "../../protocol/process.ts";
import type { HoldableWriter } from "./writer.ts";

/** Bytes of one stream of a run, and where they lie in its log. */
export interface Chunk {
  source: LogSource;
  stream: Stream;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of one stream of a run that are not shown, and where they lie in its log. */
export interface Gap {
  source: LogSource;
  stream: Stream;
  offset: number;
  /** So many are left out: the terminal did not keep up. */
  skipped: number;
  /** So many, after those, were dropped before they could be shown. */
  missed: number;
}

/** Shows lines of the past and bytes as they come. */
export interface Sink {
  /** Takes only whole lines: what comes after them begins with the line that is not complete yet. */
  readonly wholeLines: boolean;
  /** How much of each stream may wait to be shown; see {@linkcode FollowOptions}. */
  readonly backlog: Partial<LogSizes>;
  past(source: LogSource, line: TimedLine): Promise<void>;
  chunk(chunk: Chunk): Promise<void>;
  gap(gap: Gap): Promise<void>;
  /** The run has ended: a line without an end will get none. */
  end(source: LogSource): Promise<void>;
}

/** Every byte as it was written, stdout to stdout and stderr to stderr. */
export class PlainSink implements Sink {
  readonly wholeLines = false;
  readonly backlog = { stdout: backlogOf("stdout"), stderr: backlogOf("stderr") };
  readonly #writer: HoldableWriter;

  constructor(writer: HoldableWriter) {
    this.#writer = writer;
  }

  async past(_source: LogSource, line: TimedLine): Promise<void> {
    const end = line.end + (line.terminated ? 1 : 0);
    const log = line.run.log(line.stream);
    for (let at = line.start; at < end; at += BLOCK_BYTES) {
      const block = new Uint8Array(Math.min(BLOCK_BYTES, end - at));
      await this.#writer.write(line.stream, log.read(at, block));
    }
  }

  chunk({ stream, bytes }: Chunk): Promise<void> {
    return this.#writer.write(stream, bytes);
  }

  gap(gap: Gap): Promise<void> {
    return markGap(this.#writer, gap, gap.stream);
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

/** A terminal that takes less than comes is spared the rest; a pipe or a file gets every byte. */
const TERMINAL_BACKLOG = 2 * 1024 * 1024;

function backlogOf(stream: Stream): number | undefined {
  return Deno[stream].isTerminal() ? TERMINAL_BACKLOG : undefined;
}

/** @param shownOn Where the stream is shown. */
async function markGap(writer: HoldableWriter, gap: Gap, shownOn: Stream): Promise<void> {
  const { stream, missed, skipped } = gap;
  if (missed > 0) {
    const what = `${missed} bytes of ${stream} were dropped before they could be shown`;
    await writer.mark("stderr", `persistproc: ${what}`);
  }
  if (skipped > 0) {
    const what = `${describeBytes(skipped)} skipped: the terminal did not keep up`;
    await writer.mark(shownOn, `… ${what} …`);
  }
}

/** How lines are shown. */
export interface LineSinkOptions extends LineFormat {
  /** Both streams to stdout; otherwise each to its own. */
  together: boolean;
  /** Only this stream. */
  only?: Stream;
}

interface Unfinished {
  source: LogSource;
  stream: Stream;
  /** Where it begins in its log. */
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Bytes behind those, which are left out. */
  cut: number;
}

/** Each line by itself, with what the format puts in front of it. */
export class LineSink implements Sink {
  readonly wholeLines = true;
  readonly backlog: Partial<LogSizes>;
  readonly #writer: HoldableWriter;
  readonly #options: LineSinkOptions;
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #encoder = new TextEncoder();

  constructor(writer: HoldableWriter, options: LineSinkOptions) {
    this.#writer = writer;
    this.#options = options;
    const stdout = backlogOf("stdout");
    this.backlog = { stdout, stderr: options.together ? stdout : backlogOf("stderr") };
  }

  async past(source: LogSource, line: TimedLine): Promise<void> {
    if (!this.#wants(line.stream) || !line.terminated) return;
    const { stream, time, terminated } = line;
    const read = readLine(line.run.log(stream), line);
    await this.#write(stream, this.#text({ source, stream, time, terminated, ...read }));
  }

  async chunk({ source, stream, offset, bytes }: Chunk): Promise<void> {
    if (!this.#wants(stream)) return;
    using timeline = TimelineReader.open(source.runDirectory);
    let text = "";
    let start = 0;
    for (let at; (at = bytes.indexOf(NEWLINE, start)) >= 0; start = at + 1) {
      const line = this.#extend(source, stream, offset + start, bytes.subarray(start, at));
      text += this.#finish(line, true, timeline);
    }
    if (start < bytes.length) this.#extend(source, stream, offset + start, bytes.subarray(start));
    if (text !== "") await this.#write(stream, text);
  }

  async gap(gap: Gap): Promise<void> {
    const { source, stream } = gap;
    // The line that was begun will never be whole.
    this.#unfinished.delete(`${stream} ${source.runDirectory}`);
    if (this.#wants(stream)) await markGap(this.#writer, gap, this.#shownOn(stream));
  }

  async end(source: LogSource): Promise<void> {
    using timeline = TimelineReader.open(source.runDirectory);
    for (const line of [...this.#unfinished.values()]) {
      if (line.source.runDirectory !== source.runDirectory) continue;
      await this.#write(line.stream, this.#finish(line, false, timeline));
    }
  }

  #wants(stream: Stream): boolean {
    return this.#options.only === undefined || this.#options.only === stream;
  }

  #extend(source: LogSource, stream: Stream, offset: number, bytes: Uint8Array): Unfinished {
    const key = `${stream} ${source.runDirectory}`;
    const line = this.#unfinished.get(key) ??
      { source, stream, offset, bytes: new Uint8Array(), cut: 0 };
    const room = MAX_LINE_BYTES - line.bytes.length;
    const kept = new Uint8Array(line.bytes.length + Math.min(room, bytes.length));
    kept.set(line.bytes);
    kept.set(bytes.subarray(0, room), line.bytes.length);
    line.bytes = kept;
    line.cut += Math.max(0, bytes.length - room);
    this.#unfinished.set(key, line);
    return line;
  }

  #finish(line: Unfinished, terminated: boolean, timeline: TimelineReader): string {
    const { source, stream, offset, bytes, cut } = line;
    this.#unfinished.delete(`${stream} ${source.runDirectory}`);
    const index = timeline.indexOf(stream, offset);
    // The server may index these bytes a moment after they are read here.
    const time = index < timeline.count ? timeline.record(index).time : Date.now();
    return this.#text({ source, stream, time, terminated, bytes, cutBefore: 0, cutAfter: cut });
  }

  #text(line: LogLine): string {
    return `${formatLine(line, { ...this.#options, maxLineCharacters: null })}\n`;
  }

  #write(stream: Stream, text: string): Promise<void> {
    return this.#writer.write(this.#shownOn(stream), this.#encoder.encode(text));
  }

  #shownOn(stream: Stream): Stream {
    return this.#options.together ? "stdout" : stream;
  }
}
