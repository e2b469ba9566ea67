/** Keeps the timelines of running processes: notes when their logs grew, for as long as they run. */
import type { Stream } from "../protocol/process.ts";
import type { OpenWatch } from "./directory_watch.ts";
import { GrowthWatch } from "./growth.ts";
import { returnLogs } from "./diversion.ts";
import { openIfThere } from "./log_file.ts";
import { logPath, type LogSizes, STREAMS } from "./run_files.ts";
import { TimelineWriter } from "./timeline_writer.ts";

export type { LogSizes } from "./run_files.ts";

/** Who is told about a run that is recorded. */
export interface RecordListener {
  /** The logs have grown to these sizes, in bytes. */
  onGrowth?(sizes: LogSizes): void;
  /** The run's exit file was created or changed. Called more than once, the first time early. */
  onExitFile?(): void;
}

/** The one recorder of all runs of a server. */
export class LogRecorder {
  readonly #now: () => number;
  readonly #report: (message: string) => void;
  readonly #growth: GrowthWatch;
  readonly #runs = new Map<string, RecordedRun>();
  /** A full disk hits all runs at once, and is to be told once. */
  readonly #trouble = { full: false };
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(
    options: { now?: () => number; report?: (message: string) => void; open?: OpenWatch } = {},
  ) {
    this.#now = options.now ?? Date.now;
    this.#report = options.report ?? (() => {});
    this.#growth = new GrowthWatch({ open: options.open, diverts: true });
  }

  /**
   * Records the run in `runDirectory`, which has to exist. What its logs hold that its timeline
   * does not know (nobody recorded it for a while) is noted with the time at which each was last
   * written to.
   */
  add(runDirectory: string, listener: RecordListener): void {
    this.finish(runDirectory);
    const told: RecordListener = {
      ...listener,
      onGrowth: (sizes) => {
        listener.onGrowth?.(sizes);
        for (const tell of this.#waiting.get(runDirectory) ?? []) tell();
      },
    };
    // A server that died may have left them so.
    returnLogs(runDirectory);
    const run = new RecordedRun(runDirectory, told, {
      now: this.#now,
      report: this.#report,
      trouble: this.#trouble,
    });
    this.#runs.set(runDirectory, run);
    run.catchUp();
    this.#growth.add(runDirectory, {
      look: () => run.look(),
      exitFile: () => listener.onExitFile?.(),
    });
  }

  /** Calls `tell` each time the logs of a run have grown, until the returned function is called. */
  onGrowth(runDirectory: string, tell: () => void): () => void {
    const waiting = this.#waiting.get(runDirectory) ?? new Set();
    this.#waiting.set(runDirectory, waiting.add(tell));
    return () => {
      waiting.delete(tell);
      if (waiting.size === 0) this.#waiting.delete(runDirectory);
    };
  }

  /** Notes what has grown by now and returns the sizes; 0 for a run that is not recorded. */
  look(runDirectory: string): LogSizes {
    const run = this.#runs.get(runDirectory);
    if (run === undefined) return { stdout: 0, stderr: 0 };
    run.look();
    return { ...run.sizes };
  }

  /** Leaves out of the timeline of a run what is not kept any more of its logs. */
  trim(runDirectory: string): void {
    this.#runs.get(runDirectory)?.trim();
  }

  /** Looks a last time, returns the sizes and forgets the run. */
  finish(runDirectory: string): LogSizes {
    const sizes = this.look(runDirectory);
    this.#growth.remove(runDirectory);
    this.#runs.get(runDirectory)?.close();
    this.#runs.delete(runDirectory);
    return sizes;
  }

  /** Ends the recording of all runs. */
  close(): void {
    for (const runDirectory of [...this.#runs.keys()]) this.finish(runDirectory);
    this.#growth.close();
  }
}

/** One run that is recorded. */
class RecordedRun {
  readonly #directory: string;
  readonly #listener: RecordListener;
  readonly #now: () => number;
  readonly #report: (message: string) => void;
  readonly #logs: Record<Stream, Deno.FsFile | null> = { stdout: null, stderr: null };
  readonly #trouble: { full: boolean };
  #writer: TimelineWriter | null = null;
  #reported = false;
  /** What the logs held at the last look. */
  sizes: LogSizes = { stdout: 0, stderr: 0 };

  constructor(
    directory: string,
    listener: RecordListener,
    options: {
      now: () => number;
      report: (message: string) => void;
      trouble: { full: boolean };
    },
  ) {
    this.#directory = directory;
    this.#listener = listener;
    this.#now = options.now;
    this.#report = options.report;
    this.#trouble = options.trouble;
  }

  /** Notes what was written while nobody looked, the stream that has rested longer first. */
  catchUp(): void {
    const now = this.#now();
    const reached = STREAMS.map((stream) => {
      this.#open(stream);
      const { size, mtime } = this.#logs[stream]?.statSync() ?? { size: 0, mtime: null };
      return { stream, size, time: Math.min(mtime?.getTime() ?? now, now) };
    }).sort((a, b) => a.time - b.time);
    this.#index((writer) => {
      const { stdout, stderr } = writer.last;
      this.sizes = { stdout, stderr };
    });
    const before = { ...this.sizes };
    for (const { stream, size, time } of reached) {
      this.sizes = { ...this.sizes, [stream]: size };
      this.#index((writer) => writer.note(time, this.sizes));
    }
    if (changed(before, this.sizes)) this.#listener.onGrowth?.({ ...this.sizes });
  }

  /** Notes what has grown; whether something had. */
  look(): boolean {
    const sizes = { stdout: this.#size("stdout"), stderr: this.#size("stderr") };
    if (!changed(sizes, this.sizes)) return false;
    this.sizes = sizes;
    const now = this.#now();
    this.#index((writer) => writer.note(now, sizes));
    this.#listener.onGrowth?.({ ...sizes });
    return true;
  }

  trim(): void {
    this.#index((writer) => writer.trim());
  }

  close(): void {
    this.#writer?.[Symbol.dispose]();
    for (const stream of STREAMS) this.#logs[stream]?.close();
  }

  /** Uses the timeline, if it can be used: the logs go on without it. */
  #index(use: (writer: TimelineWriter) => void): void {
    try {
      use(this.#writer ??= TimelineWriter.open(this.#directory, this.#now()));
      if (this.#reported) this.#reported = this.#trouble.full = false;
    } catch (error) {
      // Once for each run is enough to say so.
      const { message, code } = error as Error & { code?: string };
      const full = code === "ENOSPC";
      if (!this.#reported && !(full && this.#trouble.full)) {
        this.#report(`can not write the timeline in ${this.#directory}: ${message}`);
      }
      this.#reported = true;
      this.#trouble.full ||= full;
    }
  }

  #size(stream: Stream): number {
    const file = this.#open(stream);
    return file === null ? 0 : file.seekSync(0, Deno.SeekMode.End);
  }

  #open(stream: Stream): Deno.FsFile | null {
    return this.#logs[stream] ??= openIfThere(logPath(this.#directory, stream));
  }
}

function changed(a: LogSizes, b: LogSizes): boolean {
  return a.stdout !== b.stdout || a.stderr !== b.stderr;
}
