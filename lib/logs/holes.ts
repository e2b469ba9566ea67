/** Holes at the beginning of logs: what a log loses where holes cannot be punched, and traces. */
import { openPrivateFileSync, refuseLinkSync, removeIfThereSync } from "../system/files.ts";
import { writeAllSync } from "../system/write_all.ts";
import { readAt, tailPath } from "./log_file.ts";
import { firstWhere } from "./search.ts";

const BLOCK = 4096;
const COPY_BYTES = 1024 * 1024;

/**
 * Makes the bytes of a log before `from` a hole where the file system can not punch one: what is
 * kept is put aside, the log emptied and what was kept written back to where it was. Who writes to
 * the log meanwhile loses what it writes. Synchronous, so that nobody in this program sees the log
 * half-way. When this program ends in between, {@linkcode finishRewriting} goes on.
 */
export function rewriteFrom(path: string, from: number): void {
  refuseLinkSync(path);
  const aside = tailPath(path);
  const draft = `${aside}.new`;
  try {
    copy({ from: path, at: from }, { to: draft, at: 0 });
    Deno.renameSync(draft, aside);
  } catch (error) {
    removeIfThereSync(draft);
    throw error;
  }
  truncate(path, 0);
  finishRewriting(path, from);
}

/** Writes back what a rewriting of this log that was cut short has put aside, if it has. */
export function finishRewriting(path: string, from: number): void {
  const aside = tailPath(path);
  removeIfThereSync(`${aside}.new`);
  try {
    copy({ from: aside, at: 0 }, { to: path, at: from });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  Deno.removeSync(aside);
}

/** Makes all of a log that nobody writes to a hole. */
export function emptyKeepingSize(path: string): number {
  const { size } = Deno.statSync(path);
  truncate(path, 0, size);
  return size;
}

/** The first byte at or behind `from` that is not NUL: where a hole ends. The size if there is none. */
export function holeEnd(path: string, from: number): number {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  const block = new Uint8Array(BLOCK);
  const dataAt = (start: number) => readAt(file, start, block).findIndex((byte) => byte !== 0);
  const first = Math.floor(from / BLOCK);
  const count = Math.ceil(size / BLOCK) - first;
  const found = firstWhere(count, 0, (index) => dataAt((first + index) * BLOCK) >= 0);
  if (found >= count) return size;
  const start = (first + found) * BLOCK;
  return Math.max(from, start + dataAt(start));
}

function copy(source: { from: string; at: number }, sink: { to: string; at: number }): void {
  using from = Deno.openSync(source.from, { read: true });
  using to = openPrivateFileSync(sink.to);
  from.seekSync(source.at, Deno.SeekMode.Start);
  to.seekSync(sink.at, Deno.SeekMode.Start);
  const buffer = new Uint8Array(COPY_BYTES);
  for (let read; (read = from.readSync(buffer)) !== null;) {
    writeAllSync(to, buffer.subarray(0, read));
  }
}

/** Gives a log one size after the other. */
function truncate(path: string, ...sizes: number[]): void {
  using file = openPrivateFileSync(path, { create: false });
  for (const size of sizes) file.truncateSync(size);
}
