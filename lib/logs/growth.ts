/**
 * Notices that the logs of runs grow: one watch over the directories of all runs that write seldom,
 * one timer for those that write too much to be told of every write, and nothing at all to do while
 * nobody writes.
 */
import { basename, dirname } from "@std/path";
import { type DirectoryWatch, type OpenWatch, openWatch } from "./directory_watch.ts";
import type { WatchReport } from "./directory_watch.ts";
import { type GrowthListener, WatchedRun } from "./watched_run.ts";
import { PollTimer } from "./polling.ts";
import { EXIT_FILE } from "./run_files.ts";

export type { GrowthListener } from "./watched_run.ts";

/** How long changes of what is to be watched are collected before they are made. */
const COLLECT_MS = 50;
/** How long until a watch that could not be had is tried again. */
const RETRY_MS = 30_000;

/** Notices growth of any number of runs. */
export class GrowthWatch {
  readonly #runs = new Map<string, WatchedRun>();
  // What the watch reports are real paths (macOS: /private/var for /var).
  readonly #byPath = new Map<string, WatchedRun>();
  readonly #timer = new PollTimer();
  readonly #watch: DirectoryWatch;
  readonly #diverts: boolean;
  #collecting: ReturnType<typeof setTimeout> | undefined;
  #retrying: ReturnType<typeof setTimeout> | undefined;
  /** What the watch was asked for and has not answered yet. */
  #asked: WatchedRun[] | null = null;
  #closed = false;

  /** @param options.diverts Whether busy logs may be taken out of the sight of the watch. */
  constructor(options: { open?: OpenWatch; diverts?: boolean } = {}) {
    this.#diverts = options.diverts ?? false;
    this.#watch = (options.open ?? openWatch)((report) => {
      if (!this.#closed) this.#reported(report);
    });
  }

  /** Begins to notice growth in `directory`. */
  add(directory: string, listener: GrowthListener): void {
    this.remove(directory);
    const run = new WatchedRun(directory, listener, {
      diverts: this.#diverts,
      busied: () => this.#busied(run),
      rested: () => this.#settle(),
    });
    this.#runs.set(directory, run);
    this.#byPath.set(run.path, run);
    this.#timer.addFast(run);
    this.#askSoon();
  }

  /** Ends it; unknown directories are ignored. */
  remove(directory: string): void {
    const run = this.#runs.get(directory);
    if (run === undefined) return;
    this.#runs.delete(directory);
    this.#byPath.delete(run.path);
    this.#timer.delete(run);
    run.close();
    this.#askSoon();
  }

  /** Ends it for all. */
  close(): void {
    this.#closed = true;
    for (const directory of [...this.#runs.keys()]) this.remove(directory);
    clearTimeout(this.#collecting);
    clearTimeout(this.#retrying);
    this.#watch.close();
  }

  #askSoon(): void {
    if (this.#collecting !== undefined) return;
    this.#collecting = setTimeout(() => {
      this.#collecting = undefined;
      this.#ask();
    }, COLLECT_MS);
  }

  /** Asks to watch exactly the runs that there are. */
  #ask(): void {
    if (this.#asked !== null) return this.#askSoon();
    clearTimeout(this.#retrying);
    this.#asked = [...this.#runs.values()].filter((run) => run.isWatchable());
    // The answer may take as long as a flood lasts, and until then nothing may be reported.
    for (const run of this.#runs.values()) this.#timer.addFast(run);
    this.#watch.watch(this.#asked.map((run) => run.path));
  }

  #reported(report: WatchReport): void {
    switch (report.kind) {
      case "watching":
        return this.#answered((run) => this.#asked?.includes(run) ?? false);
      case "refused":
        // No more watches to be had (inotify): what was watched before still is.
        this.#retry();
        return this.#answered((run) => run.watched);
      case "changed":
        return this.#changed(report.path);
      case "busy": {
        const run = this.#byPath.get(report.directory);
        if (run !== undefined) this.#busied(run);
        return;
      }
      case "overflowed":
        for (const run of this.#runs.values()) run.poll();
        return;
      case "ended":
        for (const run of this.#runs.values()) run.watched = false;
        this.#retry();
        return this.#settle();
    }
  }

  #busied(run: WatchedRun): void {
    run.becomeBusy();
    this.#timer.addFast(run);
  }

  #answered(isWatched: (run: WatchedRun) => boolean): void {
    for (const run of this.#runs.values()) run.watched = isWatched(run);
    this.#asked = null;
    this.#settle();
  }

  /** Polls each run that is not watched, and looks at each that is: something may lie in between. */
  #settle(): void {
    for (const run of this.#runs.values()) {
      if (run.busy) continue;
      if (run.reported) this.#timer.delete(run);
      else this.#timer.addSlow(run);
      run.lookAtAll();
    }
  }

  #retry(): void {
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => this.#ask(), RETRY_MS);
  }

  #changed(path: string): void {
    const run = this.#byPath.get(dirname(path));
    if (run === undefined) return;
    if (basename(path) === EXIT_FILE) run.listener.exitFile?.();
    else if (basename(path).endsWith(".log")) run.listener.look();
    // The server has diverted the log that a viewer watches: nothing more will be reported of it.
    if (!this.#diverts && !run.reported) this.#timer.addFast(run);
  }
}
