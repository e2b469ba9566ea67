/** What a run writes from now on, as it is written. */
import type { Stream } from "../protocol/process.ts";
import type { OpenWatch } from "./directory_watch.ts";
import { GrowthWatch } from "./growth.ts";
import { readDropped } from "./dropped.ts";
import { NEWLINE } from "./lines.ts";
import { BLOCK_BYTES, isBeingRewritten, openIfThere, readAt } from "./log_file.ts";
import { logPath, type LogSizes, STREAMS } from "./run_files.ts";
import { Turns } from "./turns.ts";

/** Bytes that one stream has grown by: at most 64 KiB, cut anywhere. */
export interface FollowedChunk {
  stream: Stream;
  bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes before these are lost: they were dropped before they were taken. */
  missed: number;
  /** How many bytes before these are left out, since too many waited. */
  skipped: number;
}

/** How a run is followed. */
export interface FollowOptions {
  /** Where to begin. */
  from: LogSizes;
  /**
   * So many bytes of a stream may wait to be taken. When there are more, only the newest eighth of
   * that is yielded, from the beginning of a line on. Without it all of them wait.
   */
  backlog?: Partial<LogSizes>;
  /** Watches for growth; the operating system's watch unless given. */
  open?: OpenWatch;
}

/** Yields what a run writes, only as fast as it is taken. */
export interface Follower extends AsyncIterable<FollowedChunk> {
  /** The run writes no more: yields what there still is, then completes. */
  finish(): void;
  /** Completes at once. */
  close(): void;
}

/**
 * Follows the logs of a run from the offsets `from`. No byte is lost or comes twice; the streams
 * come in the order in which they were seen to grow, stdout first where both had. Costs nothing
 * while nothing is written. For the process of whoever watches, not for the server.
 */
export function followRun(
  runDirectory: string,
  options: FollowOptions,
): Follower {
  return new RunFollower(runDirectory, options);
}

class RunFollower implements Follower {
  readonly #directory: string;
  readonly #offsets: LogSizes;
  readonly #backlog: Partial<LogSizes>;
  readonly #files: Record<Stream, Deno.FsFile | null> = { stdout: null, stderr: null };
  readonly #growth: GrowthWatch;
  /** What the watch saw last, added up: it asks for growth, not for what is still to be taken. */
  #known = 0;
  #finishing = false;
  #closed = false;
  #wake: () => void = () => {};

  constructor(directory: string, { from, backlog = {}, open }: FollowOptions) {
    this.#directory = directory;
    this.#offsets = { ...from };
    this.#backlog = backlog;
    this.#growth = new GrowthWatch({ open });
    this.#growth.add(directory, {
      look: () => {
        const grown = this.#grown();
        if (grown.length > 0) this.#wake();
        const known = this.#known;
        this.#known = grown.reduce((sum, { size }) => sum + size, 0);
        return this.#known !== known;
      },
    });
  }

  finish(): void {
    this.#finishing = true;
    this.#wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#growth.close();
    for (const stream of STREAMS) this.#files[stream]?.close();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FollowedChunk, void> {
    const turns = new Turns();
    try {
      while (!this.#closed) {
        // Set before the look: what is written after it wakes, whatever else happens here.
        const woken = new Promise<void>((resolve) => this.#wake = resolve);
        const finishing = this.#finishing;
        const grown = this.#grown();
        if (grown.length > 0) {
          for (const { stream, size } of grown) yield* this.#read(stream, size);
          await turns.give();
        } else if (finishing) return;
        else await woken;
      }
    } finally {
      this.close();
    }
  }

  *#read(stream: Stream, size: number): Generator<FollowedChunk, void> {
    let missed = 0;
    let skipped = this.#skip(stream, size);
    while (!this.#closed && this.#offsets[stream] < size) {
      const file = this.#files[stream];
      if (file === null) return;
      const offset = this.#offsets[stream];
      const wanted = Math.min(BLOCK_BYTES, size - offset);
      const bytes = readAt(file, offset, new Uint8Array(wanted));
      if (bytes.length === 0) return;
      // What was dropped reads as NULs, and its end was noted before.
      const begin = bytes.includes(0) ? readDropped(this.#directory)[stream] : 0;
      if (begin > offset) {
        missed += begin - offset;
        this.#offsets[stream] = begin;
        continue;
      }
      this.#offsets[stream] += bytes.length;
      yield { stream, bytes, missed, skipped };
      missed = skipped = 0;
    }
    // All of it is gone: a chunk of nothing says so.
    if (missed > 0) yield { stream, bytes: new Uint8Array(), missed, skipped };
  }

  /** Leaves out what exceeds the backlog; returns how many bytes that were. */
  #skip(stream: Stream, size: number): number {
    const backlog = this.#backlog[stream] ?? Infinity;
    const offset = this.#offsets[stream];
    const file = this.#files[stream];
    if (size - offset <= backlog || file === null) return 0;
    const target = size - Math.floor(backlog / 8);
    // The byte before it tells whether a line begins there.
    const block = readAt(file, target - 1, new Uint8Array(BLOCK_BYTES));
    this.#offsets[stream] = target + Math.max(0, block.indexOf(NEWLINE));
    return this.#offsets[stream] - offset;
  }

  /** Whether a log that has become smaller stays so; see `rewriteFrom`. */
  #wasEmptied(stream: Stream): boolean {
    if (isBeingRewritten(logPath(this.#directory, stream))) return false;
    const size = this.#files[stream]?.seekSync(0, Deno.SeekMode.End) ?? 0;
    return size < this.#offsets[stream];
  }

  /** The streams that hold more than was read, and how much they hold. */
  #grown(): { stream: Stream; size: number }[] {
    if (this.#closed) return [];
    const sizes = STREAMS.map((stream) => {
      const file = this.#files[stream] ??= openIfThere(logPath(this.#directory, stream));
      return { stream, size: file?.seekSync(0, Deno.SeekMode.End) ?? 0 };
    });
    for (const { stream, size } of sizes) {
      // Somebody emptied the log: what it holds now is new.
      if (size < this.#offsets[stream] && this.#wasEmptied(stream)) this.#offsets[stream] = 0;
    }
    return sizes.filter(({ stream, size }) => size > this.#offsets[stream]);
  }
}
