/** How much of the logs is kept: decisions only. Nothing here touches a log but to find a line. */
import { NEWLINE } from "./lines.ts";
import { BLOCK_BYTES, LogFile } from "./log_file.ts";

/** How much is kept, in bytes. */
export interface LogLimits {
  /** Of each stream of a run. */
  stream: number;
  /** Of all runs together; only ended ones lose more than the limit of their streams says. */
  total: number;
}

/** How far a log may exceed its limit before it is cut, so that cutting is rare. */
const SLACK = 1.25;

/**
 * How far before it is cut at once. Freeing costs the file system about as much as writing did, and
 * the writer waits meanwhile: a short burst is better cut when it is over.
 */
const AT_ONCE = 16;

/** Whether a log is to be cut: not now, some time soon, or at once. */
export function urgencyOf(kept: number, limit: number): "none" | "soon" | "at once" {
  if (kept <= limit * SLACK) return "none";
  return kept <= limit * AT_ONCE ? "soon" : "at once";
}

/** An ended run that could lose its logs. */
export interface EndedRun {
  /** What its logs hold, in bytes. */
  kept: number;
  /** In milliseconds since the epoch. */
  endedAt: number;
}

/** The ended runs that lose their logs, oldest end first, so that `total` comes down to the limit. */
export function runsToEmpty<Run extends EndedRun>(
  ended: readonly Run[],
  total: number,
  limit: number,
): Run[] {
  let excess = total - limit;
  const chosen: Run[] = [];
  for (const run of ended.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (excess <= 0) break;
    if (run.kept === 0) continue;
    chosen.push(run);
    excess -= run.kept;
  }
  return chosen;
}

/**
 * Where to cut a log so that about `limit` bytes are kept: at the beginning of a line, unless the
 * line there is longer than 64 KiB.
 */
export function cutOffset(path: string, size: number, limit: number): number {
  const wanted = Math.max(0, size - limit);
  using log = LogFile.open(path);
  // From the byte before: a line that begins just there is kept whole.
  const at = Math.max(0, wanted - 1);
  const newline = log.read(at, new Uint8Array(BLOCK_BYTES)).indexOf(NEWLINE);
  return newline < 0 || at === wanted ? wanted : at + newline + 1;
}
