/** One log, opened for reading at the size it has now. */

/** How much is read from a log at once, in bytes. */
export const BLOCK_BYTES = 64 * 1024;

/** A log as it was when it was opened; what is written to it later is not seen. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile | null;
  /** In bytes. */
  readonly size: number;
  /** When it was last written to, in milliseconds since the epoch. */
  readonly modified: number;

  private constructor(file: Deno.FsFile | null, size: number, modified: number) {
    this.#file = file;
    this.size = size;
    this.modified = modified;
  }

  /** Opens the log; one that does not exist is empty. */
  static open(path: string): LogFile {
    const file = openIfThere(path);
    if (file === null) return new LogFile(null, 0, 0);
    const { size, mtime } = file.statSync();
    return new LogFile(file, size, mtime?.getTime() ?? Date.now());
  }

  /**
   * Fills `into` from `offset` on and returns the part of it that was filled: less than all only
   * at the end of the file.
   */
  read(offset: number, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return this.#file === null ? into.subarray(0, 0) : readAt(this.#file, offset, into);
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

/** Opens a file for reading; null when there is none. */
export function openIfThere(path: string): Deno.FsFile | null {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Reads from `offset` until `into` is full or the file ends. */
export function readAt(
  file: Deno.FsFile,
  offset: number,
  into: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  file.seekSync(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < into.length) {
    const read = file.readSync(into.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return into.subarray(0, filled);
}
