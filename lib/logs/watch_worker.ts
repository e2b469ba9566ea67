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
          else if (pace === "busy") {
            scope.postMessage({ kind: "busy", directory });
            // It leaves no room for the events of others: Deno keeps 16, and drops others untold.
            reportLater("", { kind: "overflowed" });
          } else {
            // Of many changes, the last one is told, too.
            reportLater(path, { kind: "changed", path });
          }
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

const late = new Set<string>();

/** Reports something once for all that comes meanwhile under the same key. */
function reportLater(key: string, report: WatchReport): void {
  if (late.has(key)) return;
  late.add(key);
  setTimeout(() => {
    late.delete(key);
    scope.postMessage(report);
  }, BUSY_MS);
}

/** The events of a directory in a piece of time. */
interface Pace {
  events: number;
  since: number;
  /** The piece before was busy. */
  wasBusy: boolean;
}

/** Tells which directories have too many events to report each. */
class BusyDirectories {
  readonly #counted = new Map<string, Pace>();

  /** Counts an event: whether it is worth a report, makes the directory busy, or is one of many. */
  count(directory: string): "changed" | "busy" | "many" {
    const now = performance.now();
    const pace = this.#counted.get(directory) ?? { events: 0, since: now, wasBusy: false };
    this.#counted.set(directory, pace);
    const age = now - pace.since;
    if (age >= BUSY_MS) {
      pace.wasBusy = pace.events >= BUSY_EVENTS && age < 2 * BUSY_MS;
      pace.since = now;
      pace.events = 0;
    }
    pace.events++;
    if (pace.events === BUSY_EVENTS) return "busy";
    // What goes on being busy is not reported event by event until that is known again.
    return pace.events < (pace.wasBusy ? 2 : BUSY_EVENTS) ? "changed" : "many";
  }
}
