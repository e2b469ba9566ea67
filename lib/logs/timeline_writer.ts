/** Appends to the timeline of a run what its logs have reached. */
import type { Stream } from "../protocol/process.ts";
import { openPrivateFileSync, removeIfThereSync } from "../system/files.ts";
import { writeAllSync } from "../system/write_all.ts";
import { readDropped } from "./dropped.ts";
import { readAt } from "./log_file.ts";
import { type LogSizes, timelinePath } from "./run_files.ts";
import {
  decodeRecord,
  encodeRecord,
  isSane,
  RECORD_BYTES,
  type TimelineRecord,
} from "./timeline.ts";
import { thinned, withoutDropped } from "./timeline_trim.ts";

/** Growth of one stream alone within this many milliseconds shares one record. */
const SHARED_MS = 50;

/** A timeline with more records than this is thinned out: 4 MiB. */
const MOST_RECORDS = 4 * 1024 * 1024 / RECORD_BYTES;

/** The one writer of a run's timeline. */
export class TimelineWriter implements Disposable {
  readonly #directory: string;
  readonly #most: number;
  #file: Deno.FsFile;
  #count: number;
  /** Trimmed when it has so many records; later when that failed. */
  #trimAt: number;
  #last: TimelineRecord;
  /** The only stream that grew in the last record; null when both did, or nobody knows. */
  #growing: Stream | null = null;
  /** When the last record was begun; growth since then may have moved it on. */
  #begun = 0;

  private constructor(
    directory: string,
    most: number,
    file: Deno.FsFile,
    count: number,
    last: TimelineRecord,
  ) {
    this.#directory = directory;
    this.#most = this.#trimAt = most;
    this.#file = file;
    this.#count = count;
    this.#last = last;
  }

  /**
   * Opens the timeline of a run, creating it with a first record at `now`. A damaged end (half a
   * record, or one that cannot be true) is cut off, so that writing goes on behind what is sound.
   * Throws what the file system throws.
   */
  static open(runDirectory: string, now: number, mostRecords = MOST_RECORDS): TimelineWriter {
    const file = openPrivateFileSync(timelinePath(runDirectory));
    try {
      const { count, last } = soundRecords(file, now);
      if (file.statSync().size > count * RECORD_BYTES) file.truncateSync(count * RECORD_BYTES);
      const writer = new TimelineWriter(runDirectory, mostRecords, file, count, last);
      if (count === 0) writer.#write(last);
      return writer;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** What the last record says. */
  get last(): Readonly<TimelineRecord> {
    return this.#last;
  }

  /**
   * Notes that the logs had reached `sizes` at `time`. Times that go back (the clock was set) count
   * as the last one. Throws what the file system throws, such as a full disk; the growth is then
   * noted by the next call that succeeds.
   */
  note(time: number, sizes: LogSizes): void {
    if (sizes.stdout < this.#last.stdout || sizes.stderr < this.#last.stderr) this.#shrink(sizes);
    const out = sizes.stdout > this.#last.stdout;
    const err = sizes.stderr > this.#last.stderr;
    if (!out && !err) return;
    const growing = out && err ? null : out ? "stdout" : "stderr";
    const record = { time: Math.max(time, this.#last.time), ...sizes };
    // Both at once are never joined: one record knows no order of the streams within it.
    if (growing && growing === this.#growing && record.time - this.#begun < SHARED_MS) {
      this.#count--;
      try {
        this.#write(record);
      } catch (error) {
        this.#count++;
        throw error;
      }
    } else {
      this.#write(record);
      this.#begun = record.time;
      this.#growing = growing;
    }
    this.#last = record;
    if (this.#count > this.#trimAt) this.trim();
  }

  /**
   * Leaves out records of bytes that are not kept any more, and some old ones where there are too
   * many. Whoever has the timeline open goes on reading what it was.
   */
  trim(): void {
    // Should this fail, as it may on a full disk, it is not tried with every record.
    this.#trimAt = this.#count + this.#most / 8;
    const records = readAt(this.#file, 0, new Uint8Array(this.#count * RECORD_BYTES));
    let kept = withoutDropped(records, readDropped(this.#directory));
    while (kept.length > this.#most * RECORD_BYTES * 3 / 4) kept = thinned(kept);
    if (kept.length < records.length) this.#replace(kept);
    this.#trimAt = this.#most;
  }

  /** Puts a new file with these records in the place of the old one. */
  #replace(records: Uint8Array): void {
    const path = timelinePath(this.#directory);
    const draft = `${path}.new`;
    removeIfThereSync(draft);
    const file = openPrivateFileSync(draft);
    try {
      writeAllSync(file, records);
      Deno.renameSync(draft, path);
    } catch (error) {
      file.close();
      removeIfThereSync(draft);
      throw error;
    }
    this.#file.close();
    this.#file = file;
    this.#count = records.length / RECORD_BYTES;
    // The last record may not be the one that growth within 50 ms could still move on.
    this.#growing = null;
  }

  #write(record: TimelineRecord): void {
    this.#file.seekSync(this.#count * RECORD_BYTES, Deno.SeekMode.Start);
    writeAllSync(this.#file, encodeRecord(record));
    this.#count++;
  }

  /** A log was cut from outside: no record may reach beyond what is left of it. */
  #shrink(sizes: LogSizes): void {
    const bytes = readAt(this.#file, 0, new Uint8Array(this.#count * RECORD_BYTES));
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const { time, stdout, stderr } = decodeRecord(view, at);
      bytes.set(
        encodeRecord({
          time,
          stdout: Math.min(stdout, sizes.stdout),
          stderr: Math.min(stderr, sizes.stderr),
        }),
        at,
      );
    }
    this.#file.seekSync(0, Deno.SeekMode.Start);
    writeAllSync(this.#file, bytes);
    this.#last = {
      time: this.#last.time,
      stdout: Math.min(this.#last.stdout, sizes.stdout),
      stderr: Math.min(this.#last.stderr, sizes.stderr),
    };
    this.#growing = null;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** How many records from the beginning on end in one that can be true, and that one. */
function soundRecords(
  file: Deno.FsFile,
  now: number,
): { count: number; last: TimelineRecord } {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  let count = Math.floor(file.statSync().size / RECORD_BYTES);
  for (; count > 0; count--) {
    readAt(file, (count - 1) * RECORD_BYTES, bytes);
    const last = decodeRecord(view, 0);
    if (isSane(last, now)) return { count, last };
  }
  return { count: 0, last: { time: now, stdout: 0, stderr: 0 } };
}
