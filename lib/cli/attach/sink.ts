/** What becomes of the bytes of a run on their way to the terminal. */
import { MAX_LINE_BYTES, readLine } from "../../logs/line_bytes.ts";
import { BLOCK_BYTES } from "../../logs/log_file.ts";
import type { LogLine, LogSource } from "../../logs/output.ts";
import { formatLine, type LineFormat } from "../../logs/line_text.ts";
import { TimelineReader } from "../../logs/timeline.ts";
import type { TimedLine } from "../../logs/timed_lines.ts";
import type { Stream } from "../../protocol/process.ts";
import type { HoldableWriter } from "./writer.ts";

/** Bytes of one stream of a run, and where they lie in its log. */
export interface Chunk {
  source: LogSource;
  stream: Stream;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Shows lines of the past and bytes as they come. */
export interface Sink {
  /** Takes only whole lines: what comes after them begins with the line that is not complete yet. */
  readonly wholeLines: boolean;
  past(source: LogSource, line: TimedLine): Promise<void>;
  chunk(chunk: Chunk): Promise<void>;
  /** So many bytes were dropped before they could be shown. */
  missed(source: LogSource, stream: Stream, bytes: number): Promise<void>;
  /** The run has ended: a line without an end will get none. */
  end(source: LogSource): Promise<void>;
}

/** Every byte as it was written, stdout to stdout and stderr to stderr. */
export class PlainSink implements Sink {
  readonly wholeLines = false;
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

  missed(_source: LogSource, stream: Stream, bytes: number): Promise<void> {
    return this.#writer.write("stderr", missedBytes(stream, bytes));
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}

function missedBytes(stream: Stream, bytes: number): Uint8Array {
  const text = `persistproc: ${bytes} bytes of ${stream} were dropped before they could be shown\n`;
  return new TextEncoder().encode(text);
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

const NEWLINE = 10;

/** Each line by itself, with what the format puts in front of it. */
export class LineSink implements Sink {
  readonly wholeLines = true;
  readonly #writer: HoldableWriter;
  readonly #options: LineSinkOptions;
  readonly #unfinished = new Map<string, Unfinished>();
  readonly #encoder = new TextEncoder();

  constructor(writer: HoldableWriter, options: LineSinkOptions) {
    this.#writer = writer;
    this.#options = options;
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

  async missed(source: LogSource, stream: Stream, bytes: number): Promise<void> {
    // The line that was begun will never be whole.
    this.#unfinished.delete(`${stream} ${source.runDirectory}`);
    if (this.#wants(stream)) await this.#writer.write("stderr", missedBytes(stream, bytes));
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
    return this.#writer.write(
      this.#options.together ? "stdout" : stream,
      this.#encoder.encode(text),
    );
  }
}
