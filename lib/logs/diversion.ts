/**
 * Taking a busy log out of the sight of directory watches. A watch that reports every write of a
 * flood costs its writer as much again, and cannot be ended while the flood lasts: Deno's watching
 * thread listens to nobody until it has read all events. But the kernel reports a write to the
 * directory that the log's name *was moved to* (inotify(7) follows the name, not the file). So the
 * name that the writer has opened moves into a directory that nobody watches, and a second name of
 * the same file takes its place.
 */
import { basename, dirname, join } from "@std/path";
import { refuseLinkSync } from "../system/files.ts";
import { logPath, STREAMS } from "./run_files.ts";

const UNWATCHED = "unwatched";

/** Diverts the logs of a run; without effect where the file system has no second names. */
export function divertLogs(runDirectory: string): void {
  try {
    const unwatched = join(runDirectory, UNWATCHED);
    Deno.mkdirSync(unwatched, { recursive: true, mode: 0o700 });
    refuseLinkSync(unwatched);
    for (const stream of STREAMS) {
      const path = logPath(runDirectory, stream);
      const moved = divertedPath(path);
      if (exists(moved) || !exists(path)) continue;
      // For an instant the log has only its new name, where readers look for it then.
      Deno.renameSync(path, moved);
      Deno.linkSync(moved, path);
    }
  } catch {
    returnLogs(runDirectory);
  }
}

/** Gives the logs of a run their watched names back; harmless when they have them. */
export function returnLogs(runDirectory: string): void {
  // Behind a link there are no logs of ours.
  if (!isDirectory(join(runDirectory, UNWATCHED))) return;
  for (const stream of STREAMS) {
    const path = logPath(runDirectory, stream);
    const moved = divertedPath(path);
    if (!exists(moved)) continue;
    // rename(2) does nothing to two names of one file.
    if (exists(path)) Deno.removeSync(path);
    Deno.renameSync(moved, path);
  }
}

/** Whether the logs of a run are diverted: a watch of its directory is then told nothing. */
export function areDiverted(runDirectory: string): boolean {
  return STREAMS.some((stream) => exists(divertedPath(logPath(runDirectory, stream))));
}

/** Where the log at this path is while it is diverted. */
export function divertedPath(path: string): string {
  return join(dirname(path), UNWATCHED, basename(path));
}

function exists(path: string): boolean {
  return factsOf(path) !== null;
}

function isDirectory(path: string): boolean {
  return factsOf(path)?.isDirectory ?? false;
}

function factsOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}
