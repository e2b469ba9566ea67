/** One log, opened for reading at the size it has now. */
import { divertedPath } from "./diversion.ts";

/** How much is read from a log at once, in bytes. */
export const BLOCK_BYTES = 64 * 1024;

/** What is read with all that is around it, since one read costs as much as another. */
const LINE_BYTES = 4 * 1024;

const WHOLE = { begin: 0, dropped: () => 0 };

/** A log as it was when it was opened; what is written to it later is not seen. */
export class LogFile implements Disposable {
  readonly #file: Deno.FsFile | null;
  readonly #dropped: () => number;
  #begin: number;
  /** What was read last around a line: the next line is most likely in it, too. */
  #block: { start: number; bytes: Uint8Array<ArrayBuffer> } | null = null;
  /** In bytes. */
  readonly size: number;
  /** When it was last written to, in milliseconds since the epoch. */
  readonly modified: number;

  private constructor(
    file: Deno.FsFile | null,
    { size, modified }: { size: number; modified: number },
    { begin, dropped }: { begin: number; dropped: () => number },
  ) {
    this.#file = file;
    this.size = size;
    this.modified = modified;
    this.#dropped = dropped;
    this.#begin = Math.min(begin, size);
  }

  /**
   * Opens the log; one that does not exist, or cannot be read, is empty.
   *
   * @param dropped How many bytes at its beginning are not kept any more; asked more than once.
   */
  static open(path: string, dropped: () => number = () => 0): LogFile {
    const file = openIfThere(path);
    if (file === null) return new LogFile(null, { size: 0, modified: 0 }, WHOLE);
    using opened = new DisposableStack();
    opened.use(file);
    if (dropped() > 0) waitForRewriting(path);
    const { size, mtime } = file.statSync();
    const begin = dropped();
    opened.move();
    return new LogFile(
      file,
      { size, modified: mtime?.getTime() ?? Date.now() },
      // Where somebody emptied the log from outside, what it holds now is new.
      begin <= size ? { begin, dropped } : WHOLE,
    );
  }

  /**
   * Where what is kept of it begins; moves on when more is dropped. Bytes that were read are the
   * program's only if they lie behind what this says after they were read.
   */
  get begin(): number {
    return this.#begin;
  }

  /** It could not be opened: see {@linkcode troubleWith}. */
  get missing(): boolean {
    return this.#file === null;
  }

  /** The same log as it was when it had only so many bytes. Disposing of one disposes of both. */
  cutTo(size: number): LogFile {
    const { modified } = this;
    return new LogFile(
      this.#file,
      { size: Math.min(size, this.size), modified },
      { begin: this.#begin, dropped: this.#dropped },
    );
  }

  /**
   * Fills `into` from `offset` on and returns the part of it that was filled: less than all only
   * at the end of the file.
   */
  read(offset: number, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const skipped = offset % BLOCK_BYTES;
    if (into.length > LINE_BYTES || skipped + into.length > BLOCK_BYTES) {
      return this.#read(offset, into);
    }
    const start = offset - skipped;
    if (this.#block?.start !== start) {
      this.#block = { start, bytes: this.#read(start, new Uint8Array(BLOCK_BYTES)) };
    }
    const bytes = this.#block.bytes.subarray(skipped, skipped + into.length);
    into.set(bytes);
    return into.subarray(0, bytes.length);
  }

  #read(offset: number, into: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (this.#file === null) return into.subarray(0, 0);
    const bytes = readAt(this.#file, offset, into);
    // What was dropped reads as NULs, and its end was noted before.
    if (bytes.includes(0)) {
      this.#begin = Math.max(this.#begin, Math.min(this.#dropped(), this.size));
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

/** Milliseconds that are waited for a log which is being rewritten, and between two looks at it. */
const REWRITING_MS = 500;
const LOOK_MS = 5;

/** Where no hole can be punched, a log is rewritten: for that moment it is not what it should be. */
function waitForRewriting(path: string): void {
  for (let waited = 0; waited < REWRITING_MS && isBeingRewritten(path); waited += LOOK_MS) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
  }
}

/** Whether the server is about to write back what is kept of a log; see `rewriteFrom`. */
export function isBeingRewritten(path: string): boolean {
  try {
    Deno.lstatSync(tailPath(path));
    return true;
  } catch {
    return false;
  }
}

/** The copy of what is kept of a log while the log itself is rewritten; whole when it is there. */
export function tailPath(logPath: string): string {
  return `${logPath}.tail`;
}

/** Opens a file of a run for reading; null when there is none, or none that can be read. */
export function openIfThere(path: string): Deno.FsFile | null {
  const opened = openOrTrouble(path);
  return typeof opened === "string" ? null : opened;
}

/** Why a file of a run cannot be read, as the end of a sentence that its path begins; null if it can. */
export function troubleWith(path: string): string | null {
  const opened = openOrTrouble(path);
  if (typeof opened === "string") return opened;
  opened.close();
  return null;
}

function openOrTrouble(path: string): Deno.FsFile | string {
  // Between two looks a log may have been diverted, or have come back.
  for (const name of [path, divertedPath(path), path]) {
    try {
      // A FIFO in its place would be waited for.
      if (!Deno.statSync(name).isFile) return "is not a file";
      return Deno.openSync(name, { read: true });
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied) return "may not be read";
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return "is not there any more";
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
