/**
 * The thread that holds the one watcher of its process. Opening and closing a watcher waits for the
 * system's own watching thread, and that for the end of a flood of events (16 s measured), so it
 * must not be the thread that answers requests. Started by `DirectoryWatch`.
 */
import { dirname } from "@std/path";
import { Turns } from "./turns.ts";
import type { WatchReport, WatchRequest } from "./directory_watch.ts";

/** A directory with faster events than this is reported as busy: so many within so long. */
const BUSY_EVENTS = 200;
const BUSY_MS = 100;

/** What a worker's global object has; the project is type-checked as a main thread. */
interface WorkerScope {
  onmessage: (event: MessageEvent<WatchRequest>) => void;
  postMessage(report: WatchReport): void;
}
const scope = self as unknown as WorkerScope;

let current: Deno.FsWatcher | null = null;

scope.onmessage = ({ data: { directories } }) => {
  let next: Deno.FsWatcher | null;
  try {
    next = directories.length > 0 ? Deno.watchFs(directories, { recursive: false }) : null;
  } catch {
    return scope.postMessage({ kind: "refused" });
  }
  // Only now, so that there is no moment without one.
  current?.close();
  current = next;
  if (next !== null) void listen(next);
  scope.postMessage({ kind: "watching" });
};

async function listen(watcher: Deno.FsWatcher): Promise<void> {
  const turns = new Turns();
  const busy = new BusyDirectories();
  try {
    for await (const { paths, kind, flag } of watcher) {
      if (flag === "rescan") scope.postMessage({ kind: "overflowed" });
      // Reading a log is itself reported, as an access.
      if (kind !== "access" && kind !== "remove") {
        for (const path of paths) {
          const directory = dirname(path);
          if (busy.has(directory)) continue;
          const tooBusy = busy.count(directory);
          scope.postMessage(tooBusy ? { kind: "busy", directory } : { kind: "changed", path });
        }
      }
      await turns.give();
    }
  } catch {
    // It ends; that is reported below.
  }
  if (current !== watcher) return;
  current = null;
  scope.postMessage({ kind: "ended" });
}

/** Tells which directories have too many events to report each. */
class BusyDirectories {
  readonly #busy = new Set<string>();
  readonly #counted = new Map<string, { events: number; since: number }>();

  has(directory: string): boolean {
    return this.#busy.has(directory);
  }

  /** Counts an event; whether the directory is busy from now on. */
  count(directory: string): boolean {
    const counted = this.#counted.get(directory) ?? { events: 0, since: -Infinity };
    this.#counted.set(directory, counted);
    if (++counted.events < BUSY_EVENTS) return false;
    const now = performance.now();
    if (now - counted.since < BUSY_MS) this.#busy.add(directory);
    counted.events = 0;
    counted.since = now;
    return this.#busy.has(directory);
  }
}
