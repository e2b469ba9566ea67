/** The files of one run, by name, and how far its logs reach. */
import { join } from "@std/path";
import type { Stream } from "../protocol/process.ts";

/** Both streams, in the order in which they are shown when nothing else orders them. */
export const STREAMS: readonly Stream[] = ["stdout", "stderr"];

/** How many bytes each log of a run holds, or how far somebody has read in it. */
export interface LogSizes {
  stdout: number;
  stderr: number;
}

/** The raw bytes that a run has written to `stream`. */
export function logPath(runDirectory: string, stream: Stream): string {
  return join(runDirectory, `${stream}.log`);
}

/** The index of when a run's logs had reached which sizes. */
export function timelinePath(runDirectory: string): string {
  return join(runDirectory, "timeline");
}

/** The file that the keeper of a run writes when its program has ended. */
export const EXIT_FILE = "exit";

/** How many bytes each log of a run holds now. */
export function sizesOf(runDirectory: string): LogSizes {
  const size = (stream: Stream) => {
    try {
      const { isFile, size } = Deno.statSync(logPath(runDirectory, stream));
      return isFile ? size : 0;
    } catch {
      return 0;
    }
  };
  return { stdout: size("stdout"), stderr: size("stderr") };
}
