/** Waiting for the end of a server that was told to end. */
import { systemSignals } from "../system/signals.ts";
import { dataPaths } from "../system/paths.ts";

/** Milliseconds: the grace period of the processes, the time to kill them, and some more. */
const END_MS = 30_000;
const LOOK_MS = 20;

/** Waits until a server has let go of its data directory; false when it does not. */
export async function serverEnded(pid: number, dataDirectory: string): Promise<boolean> {
  const { lock } = dataPaths(dataDirectory);
  const deadline = performance.now() + END_MS;
  while (performance.now() < deadline) {
    // A zombie still exists, but its lock is free.
    if (!systemSignals.exists(pid) || await isFree(lock)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

/** Whether nobody holds a lock file exclusively (flock(2)). */
export async function isFree(path: string): Promise<boolean> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch {
    return true;
  }
  try {
    return await file.tryLock(false);
  } finally {
    file.close();
  }
}
