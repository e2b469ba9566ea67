/** Watches a set of directories for changes of the files in them, from a thread of its own. */

/** What the worker is asked to do: to watch exactly these; nothing, before it is ended. */
export interface WatchRequest {
  directories: string[];
}

/** What the worker reports. */
export type WatchReport =
  /** The last request is fulfilled, or can not be: then what was watched before still is. */
  | { kind: "watching" }
  | { kind: "refused" }
  /** The file at this path was created or changed. */
  | { kind: "changed"; path: string }
  /** There are so many changes in this directory that no more are reported. */
  | { kind: "busy"; directory: string }
  /** Changes were lost. */
  | { kind: "overflowed" }
  /** Nothing is watched any more. */
  | { kind: "ended" }
  /** There was nothing to watch any more, and the worker may go. */
  | { kind: "closed" };

/** One watch over a changing set of directories. */
export interface DirectoryWatch {
  /** Watches exactly these; answered by a report. Not to be called before the last is answered. */
  watch(directories: string[]): void;
  close(): void;
}

/** Opens a {@linkcode DirectoryWatch} that calls `report`. */
export type OpenWatch = (report: (report: WatchReport) => void) => DirectoryWatch;

/** A watch by the operating system. Its thread lives while there is something to watch. */
export const openWatch: OpenWatch = (report) => new WorkerWatch(report);

class WorkerWatch implements DirectoryWatch {
  readonly #report: (report: WatchReport) => void;
  #worker: Worker | null = null;

  constructor(report: (report: WatchReport) => void) {
    this.#report = report;
  }

  watch(directories: string[]): void {
    if (directories.length === 0) {
      this.close();
      queueMicrotask(() => this.#report({ kind: "watching" }));
      return;
    }
    this.#worker ??= this.#start();
    this.#worker.postMessage({ directories } satisfies WatchRequest);
  }

  close(): void {
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    // A worker that is ended leaves its watcher behind, and the system goes on reporting to nobody:
    // the watcher is closed first. It may have to wait for the end of a flood, so nobody waits for it.
    worker.onmessage = ({ data }: MessageEvent<WatchReport>) => {
      if (data.kind === "closed") worker.terminate();
    };
    worker.postMessage({ directories: [] } satisfies WatchRequest);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./watch_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<WatchReport>) => {
      if (this.#worker === worker) this.#report(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#worker !== worker) return;
      worker.terminate();
      this.#worker = null;
      this.#report({ kind: "ended" });
      this.#report({ kind: "refused" });
    };
    return worker;
  }
}
