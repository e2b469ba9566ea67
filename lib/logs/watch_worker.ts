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
  scope.postMessage({ kind: next === null ? "closed" : "watching" });
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
          const pace = busy.count(directory);
          if (pace === "changed") scope.postMessage({ kind: "changed", path });
          else if (pace === "busy") scope.postMessage({ kind: "busy", directory });
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

interface Pace {
  events: number;
  /** Since when they are counted; of a busy directory, when the last one came. */
  since: number;
  busy: boolean;
}

/** Tells which directories have too many events to report each. */
class BusyDirectories {
  readonly #counted = new Map<string, Pace>();

  /** Counts an event: whether it is worth a report, makes the directory busy, or is one of many. */
  count(directory: string): "changed" | "busy" | "many" {
    const now = performance.now();
    const counted = this.#counted.get(directory) ?? { events: 0, since: now, busy: false };
    this.#counted.set(directory, counted);
    counted.events++;
    if (counted.busy) {
      // The log was diverted, or the flood is over: this event is the first for a while.
      const quiet = now - counted.since >= BUSY_MS;
      counted.since = now;
      if (!quiet) return "many";
      counted.busy = false;
      counted.events = 1;
      return "changed";
    }
    if (counted.events < BUSY_EVENTS) return "changed";
    const busy = now - counted.since < BUSY_MS;
    counted.events = 0;
    counted.since = now;
    counted.busy = busy;
    return busy ? "busy" : "changed";
  }
}
