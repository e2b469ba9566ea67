/** What a program says at its beginning and has said of late, as clean text, in bounded memory. */
import type { Stream } from "../protocol/process.ts";
import { cleanLine, decodeLine } from "./clean.ts";
import { BLOCK_BYTES, LogFile } from "./log_file.ts";
import { logPath } from "./run_files.ts";

/** The newest lines of one stream, oldest first, as far as they lie in its last 64 KiB. */
export function recentLines(runDirectory: string, stream: Stream, lines: number): string[] {
  using log = LogFile.open(logPath(runDirectory, stream));
  const from = Math.max(0, log.size - BLOCK_BYTES);
  const text = decodeLine(log.read(from, new Uint8Array(log.size - from)));
  // The first line is probably not whole.
  const whole = from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  return whole.replace(/\n$/, "").split("\n").slice(-lines).map(cleanLine);
}

/** The first lines of one stream, as far as they lie in its first 64 KiB. */
export function firstLines(runDirectory: string, stream: Stream, lines: number): string[] {
  using log = LogFile.open(logPath(runDirectory, stream));
  const text = decodeLine(log.read(0, new Uint8Array(Math.min(log.size, BLOCK_BYTES))));
  return text.replace(/\n$/, "").split("\n", lines).map(cleanLine);
}
