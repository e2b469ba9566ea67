/**
 * What the logs of a run no longer hold: the file `dropped` says where what is kept of each begins.
 * It is written before the bytes go, so whoever reads it after reading bytes from that offset on
 * knows that these were the program's. The bytes before it are a hole, which reads as NULs.
 */
import { join } from "@std/path";
import type { Stream } from "../protocol/process.ts";
import { removeIfThereSync } from "../system/files.ts";
import { type LogSizes, STREAMS } from "./run_files.ts";

/** Where what is kept of each log begins, in bytes. */
export interface Dropped extends LogSizes {
  /** The run was stopped to cut this log; if nobody does so any more, it is to be continued. */
  freezing: Stream | null;
}

/** What a run has lost that has lost nothing. */
export const NOTHING_DROPPED: Readonly<Dropped> = { stdout: 0, stderr: 0, freezing: null };

function droppedPath(runDirectory: string): string {
  return join(runDirectory, "dropped");
}

/** What a run has lost; null when the file that says so is damaged. */
export function readDroppedOrDamage(runDirectory: string): Dropped | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(droppedPath(runDirectory));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ...NOTHING_DROPPED };
    if (error instanceof Deno.errors.IsADirectory) return null;
    if (error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
  try {
    const { stdout, stderr, freezing } = JSON.parse(text);
    const sound = [stdout, stderr].every((offset) => Number.isSafeInteger(offset) && offset >= 0);
    return sound
      ? { stdout, stderr, freezing: STREAMS.includes(freezing) ? freezing : null }
      : null;
  } catch {
    return null;
  }
}

/** What a run has lost, as far as that is known. */
export function readDropped(runDirectory: string): Dropped {
  return readDroppedOrDamage(runDirectory) ?? { ...NOTHING_DROPPED };
}

/** Notes what a run has lost; a reader sees the old or the new note. Throws what the system throws. */
export function writeDropped(runDirectory: string, dropped: Dropped): void {
  const draft = join(runDirectory, ".dropped");
  removeIfThereSync(draft);
  const text = `${JSON.stringify(dropped)}\n`;
  Deno.writeTextFileSync(draft, text, { mode: 0o600, createNew: true });
  Deno.renameSync(draft, droppedPath(runDirectory));
}
