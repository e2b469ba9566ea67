/** What a server that died, a power cut or a full disk can leave of the logs of a run. */
import { returnLogs } from "../logs/diversion.ts";
import {
  type Dropped,
  NOTHING_DROPPED,
  readDroppedOrDamage,
  writeDropped,
} from "../logs/dropped.ts";
import { finishRewriting, holeEnd } from "../logs/holes.ts";
import { logPath, STREAMS } from "../logs/run_files.ts";
import type { PunchHole } from "../system/punch_hole.ts";
import type { Signals } from "../system/signals.ts";
import type { RetainedRun } from "./retained_run.ts";

/** The blocks of a file count 512 bytes each, whatever the file system's are (stat(2)). */
const STAT_BLOCK = 512;

/** A file may take so much more than its size says, for what the file system itself needs. */
const ROUNDING = 256 * 1024;

/**
 * Brings the logs of a run and the note of what they have lost in agreement again: continues a group
 * that was stopped for a rewriting, finishes that, finds a hole whose note was lost, and makes one
 * that was noted only. Throws what the system throws.
 */
export async function repairLogs(
  run: RetainedRun,
  { signals, punch }: { signals: Signals; punch: PunchHole },
): Promise<void> {
  const { directory } = run;
  returnLogs(directory);
  const known = readDroppedOrDamage(directory);
  if (known?.freezing) {
    finishRewriting(logPath(directory, known.freezing), known[known.freezing]);
    const group = await run.freezableGroup();
    if (typeof group === "number") signals.group(group, "SIGCONT");
  }
  const dropped: Dropped = { ...known ?? NOTHING_DROPPED, freezing: null };
  for (const stream of STREAMS) {
    const path = logPath(directory, stream);
    const info = statIfThere(path);
    const holds = (info?.blocks ?? 0) * STAT_BLOCK;
    if (info === null) continue;
    // A hole that nobody knows of: the note of it was lost, or there was no room for it.
    if (known === null || holds + ROUNDING < info.size - dropped[stream]) {
      dropped[stream] = holeEnd(path, dropped[stream]);
    }
    // A hole that was noted and not made.
    if (dropped[stream] > 0 && holds > info.size - dropped[stream] + ROUNDING) {
      await punch(path, dropped[stream]);
    }
  }
  if (JSON.stringify(dropped) !== JSON.stringify(known)) writeDropped(directory, dropped);
}

/** The facts of a file; null when there is none. */
function statIfThere(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
