/** What the file system of the data directory can do: room, holes in files, news of changes. */
import { join } from "@std/path";
import type { OpenWatch } from "../../logs/directory_watch.ts";
import { describeBytes } from "../../protocol/byte_size.ts";
import { TOTAL_LOG_LIMIT } from "../../protocol/limits.ts";
import { punchHole } from "../../system/punch_hole.ts";
import { isOnPath } from "../path_search.ts";
import { type Check, fine, type Surroundings } from "./check.ts";
import { isWritable, nearestThere } from "./data_directory.ts";

/** Below this, no state and no log can be relied upon to be written. */
const LEAST_ROOM = 64 * 1024 * 1024;

/** Milliseconds that the news of a change may take. */
const NEWS_MS = 3_000;

/** Tries out the file system in a directory of its own, which is removed again. */
export async function checkStorage(surroundings: Surroundings): Promise<Check[]> {
  const { settings: { dataDirectory, environment }, os, openWatch } = surroundings;
  const place = await nearestThere(dataDirectory);
  const room = await checkRoom(place, surroundings);
  // Where nothing is written so far, nothing is written now: the usual place for such files will do.
  const inside = place === dataDirectory && await isWritable(place, surroundings);
  let probe: string;
  try {
    probe = await Deno.makeTempDir({ prefix: ".doctor-", ...inside ? { dir: place } : {} });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [...room, {
      check: "file watching",
      state: "broken",
      finding: `No directory can be made to try it in: ${why}.`,
      advice: "Make room, or set TMPDIR to a directory that can be written.",
    }];
  }
  try {
    return [
      ...room,
      await checkWatching(probe, openWatch),
      ...os === "linux" && isOnPath("fallocate", environment["PATH"] ?? "")
        ? [await checkHoles(probe)]
        : [],
    ];
  } finally {
    await Deno.remove(probe, { recursive: true }).catch(() => {});
  }
}

async function checkRoom(place: string, { ask }: Surroundings): Promise<Check[]> {
  // POSIX, df -P: one line for each file system, its fourth field the free blocks of 1 KiB.
  const line = (await ask("df", ["-P", "-k", place]))?.trim().split("\n").at(-1) ?? "";
  const free = Number(/\s(\d+)\s+\d+%\s/.exec(line)?.[1] ?? NaN) * 1024;
  if (Number.isNaN(free)) return [];
  const finding = `${describeBytes(free)} free for state and logs.`;
  if (free >= TOTAL_LOG_LIMIT) return [fine("disk", finding)];
  return [{
    check: "disk",
    state: free < LEAST_ROOM ? "broken" : "warning",
    finding: `Only ${finding} Logs may take ${describeBytes(TOTAL_LOG_LIMIT)}.`,
    advice: "Make room, or choose another place: --data-dir, PERSISTPROC_DATA_DIR",
  }];
}

/** Whether a watch sees a write: the way in which the server learns that a log has grown. */
async function checkWatching(probe: string, openWatch: OpenWatch): Promise<Check> {
  const seen = Promise.withResolvers<"seen" | "refused" | "missed">();
  const giveUp = () => setTimeout(() => seen.resolve("missed"), NEWS_MS);
  let timer = giveUp();
  const watch = openWatch(({ kind }) => {
    if (kind === "refused" || kind === "ended") seen.resolve("refused");
    if (kind === "watching") {
      clearTimeout(timer);
      timer = giveUp();
      Deno.writeTextFile(join(probe, "written"), "x").catch(() => seen.resolve("missed"));
    }
    if (kind === "changed") seen.resolve("seen");
  });
  watch.watch([probe]);
  const outcome = await seen.promise;
  clearTimeout(timer);
  watch.close();
  if (outcome === "seen") return fine("file watching", "A write was seen at once.");
  return {
    check: "file watching",
    state: "warning",
    finding: outcome === "refused"
      ? "The system has no watch left: output is seen some moments later."
      : "A write was not seen: output is seen some moments later.",
    advice: outcome === "refused"
      ? "sudo sysctl fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=524288"
      : "Choose a data directory on a local disk: --data-dir, PERSISTPROC_DATA_DIR",
  };
}

/** Whether a log can lose its oldest part while its program goes on writing. */
async function checkHoles(probe: string): Promise<Check> {
  const log = join(probe, "log");
  await Deno.writeTextFile(log, "x".repeat(64 * 1024)).catch(() => {});
  const outcome = await punchHole(log, 32 * 1024);
  if (outcome === "punched") return fine("log trimming", "Long logs lose their oldest part.");
  return {
    check: "log trimming",
    state: "warning",
    finding: outcome === "unsupported"
      ? "No holes in files here: a run is stopped for the moment in which its log is shortened."
      : `A hole could not be punched: ${outcome.failed}.`,
    advice: "Choose a data directory on ext4, xfs or btrfs: --data-dir, PERSISTPROC_DATA_DIR",
  };
}
