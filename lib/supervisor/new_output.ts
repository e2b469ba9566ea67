/** Looking through what a run writes, as it writes it, for lines that are waited for. */
import type { Stream } from "../protocol/process.ts";
import { cleanBlock } from "../logs/clean_block.ts";
import { readDropped } from "../logs/dropped.ts";
import { SEARCH_BYTES } from "../logs/line_blocks.ts";
import type { LineMatcher } from "../logs/line_matcher.ts";
import { NEWLINE } from "../logs/lines.ts";
import { LogFile } from "../logs/log_file.ts";
import { logPath, type LogSizes, STREAMS } from "../logs/run_files.ts";
import { TimelineReader } from "../logs/timeline.ts";
import { Turns } from "../logs/turns.ts";

/** What is looked for, the most important first. */
export interface Sought<Name> {
  name: Name;
  matcher: LineMatcher;
}

/** A line that was found. */
export interface FoundLine<Name> {
  name: Name;
  line: string;
}

const LONGEST_LINE = 500;

/** Finds the first line since an offset that matches one of some expressions. */
export class NewOutput<Name> implements Disposable {
  readonly #directory: string;
  readonly #sought: readonly Sought<Name>[];
  /** Where the first line begins that has not been seen whole. */
  readonly #offsets: LogSizes;
  readonly #turns = new Turns();

  constructor(runDirectory: string, from: LogSizes, sought: readonly Sought<Name>[]) {
    this.#directory = runDirectory;
    this.#offsets = { ...from };
    this.#sought = sought;
  }

  /**
   * Looks at what has come since the last look; a line without an end, such as a prompt, counts as
   * far as it has come.
   *
   * @throws {PersistprocError} when an expression takes too long.
   */
  async look(): Promise<FoundLine<Name> | null> {
    if (this.#sought.length === 0) return null;
    const found: (FoundLine<Name> & { record: number })[] = [];
    for (const stream of STREAMS) {
      const match = await this.#lookAt(stream);
      if (match === null) continue;
      using timeline = TimelineReader.open(this.#directory);
      found.push({ ...match, record: timeline.indexOf(stream, match.offset) });
    }
    return found.sort((a, b) => a.record - b.record)[0] ?? null;
  }

  async #lookAt(stream: Stream): Promise<(FoundLine<Name> & { offset: number }) | null> {
    using log = LogFile.open(
      logPath(this.#directory, stream),
      () => readDropped(this.#directory)[stream],
    );
    // Somebody emptied the log: what it holds now is new.
    if (log.size < this.#offsets[stream]) this.#offsets[stream] = 0;
    const buffer = new Uint8Array(SEARCH_BYTES);
    for (let at = Math.max(this.#offsets[stream], log.begin); at < log.size;) {
      const block = log.read(at, buffer.subarray(0, Math.min(SEARCH_BYTES, log.size - at)));
      const newline = block.lastIndexOf(NEWLINE);
      // A line longer than the block is looked at in pieces.
      const whole = newline >= 0 ? newline + 1 : block.length === SEARCH_BYTES ? block.length : 0;
      const match = await this.#find(block.slice(0, whole || block.length));
      if (match !== null) return { ...match, offset: at + match.offset };
      if (block.length === 0 || whole === 0) break;
      at += whole;
      this.#offsets[stream] = at;
      await this.#turns.give();
    }
    return null;
  }

  /** The first matching line in some bytes. */
  async #find(
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<(FoundLine<Name> & { offset: number }) | null> {
    if (bytes.length === 0) return null;
    const text = cleanBlock(bytes);
    let best: { name: Name; number: number } | null = null;
    for (const { name, matcher } of this.#sought) {
      const [number] = await matcher.find(text);
      if (number !== undefined && (best === null || number < best.number)) best = { name, number };
    }
    if (best === null) return null;
    let offset = 0;
    for (let line = 0; line < best.number; line++) offset = bytes.indexOf(NEWLINE, offset) + 1;
    const line = (text.split("\n")[best.number] ?? "").slice(0, LONGEST_LINE);
    return { name: best.name, line, offset };
  }

  [Symbol.dispose](): void {
    for (const { matcher } of this.#sought) matcher[Symbol.dispose]();
  }
}
