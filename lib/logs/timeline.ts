/**
 * When the bytes of a run's logs came: records of 24 bytes, little endian, each three float64:
 * time (milliseconds since the epoch), size of stdout, size of stderr. A record says that at this
 * time the logs had reached these sizes, so the bytes since the record before came at this time.
 * Neither times nor sizes decrease. A damaged file makes times wrong, never reading impossible.
 */
import type { Stream } from "../protocol/process.ts";
import { openIfThere, readAt } from "./log_file.ts";
import { type LogSizes, timelinePath } from "./run_files.ts";
import { firstWhere } from "./search.ts";

/** Bytes of one record. */
export const RECORD_BYTES = 24;

/** One entry of a timeline. */
export interface TimelineRecord extends LogSizes {
  /** In milliseconds since the epoch. */
  time: number;
}

/** Reads the record at byte `at`. What is written there may be anything: see {@linkcode isSane}. */
export function decodeRecord(view: DataView, at: number): TimelineRecord {
  return {
    time: view.getFloat64(at, true),
    stdout: view.getFloat64(at + 8, true),
    stderr: view.getFloat64(at + 16, true),
  };
}

/** The bytes of a record. */
export function encodeRecord(record: TimelineRecord): Uint8Array {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES));
  view.setFloat64(0, record.time, true);
  view.setFloat64(8, record.stdout, true);
  view.setFloat64(16, record.stderr, true);
  return new Uint8Array(view.buffer);
}

/** Whether a record can be one that was written, by a clock that may be a day ahead of `now`. */
export function isSane(record: TimelineRecord, now: number): boolean {
  const size = (bytes: number) => Number.isSafeInteger(bytes) && bytes >= 0;
  return record.time > 0 && record.time < now + 86_400_000 && size(record.stdout) &&
    size(record.stderr);
}

const RECORDS_PER_BLOCK = 128;

/** A timeline, opened for reading at the length it has now. */
export class TimelineReader implements Disposable {
  readonly #file: Deno.FsFile | null;
  readonly #block = new Uint8Array(RECORDS_PER_BLOCK * RECORD_BYTES);
  readonly #view = new DataView(this.#block.buffer);
  #blockNumber = -1;
  /** How many records it holds. */
  readonly count: number;

  private constructor(file: Deno.FsFile | null) {
    this.#file = file;
    this.count = file === null ? 0 : Math.floor(file.statSync().size / RECORD_BYTES);
  }

  /** Opens the timeline of a run; one that does not exist, or cannot be read, has no records. */
  static open(runDirectory: string): TimelineReader {
    return new TimelineReader(openIfThere(timelinePath(runDirectory)));
  }

  /** The record at `index`, unchecked; all NaN when there is none. */
  record(index: number): TimelineRecord {
    if (this.#file === null || !(index >= 0 && index < this.count)) {
      return { time: NaN, stdout: NaN, stderr: NaN };
    }
    const blockNumber = Math.floor(index / RECORDS_PER_BLOCK);
    if (blockNumber !== this.#blockNumber) {
      this.#block.fill(0);
      readAt(this.#file, blockNumber * this.#block.length, this.#block);
      this.#blockNumber = blockNumber;
    }
    return decodeRecord(this.#view, (index % RECORDS_PER_BLOCK) * RECORD_BYTES);
  }

  /**
   * The record with which the byte at `offset` came; `count` when it is not indexed yet. `near`
   * is where to look first.
   */
  indexOf(stream: Stream, offset: number, near = this.count - 1): number {
    return firstWhere(this.count, near, (index) => this.record(index)[stream] > offset);
  }

  /**
   * How far `stream` had got before `time`: bytes from here on came at `time` or later. A stream
   * with bytes that are not indexed yet may have got further than this says.
   */
  sizeBefore(stream: Stream, time: number): number {
    const index = firstWhere(
      this.count,
      this.count - 1,
      (index) => this.record(index).time >= time,
    );
    const size = index === 0 ? 0 : this.record(index - 1)[stream];
    return size > 0 ? size : 0;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}
