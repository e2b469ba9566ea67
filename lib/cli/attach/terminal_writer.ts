/** Showing what a program draws on a terminal of its own. */
import { BLOCK_BYTES, LogFile } from "../../logs/log_file.ts";
import { logPath, type LogSizes } from "../../logs/run_files.ts";
import { Turns } from "../../logs/turns.ts";
import type { Stream } from "../../protocol/process.ts";
import { TerminalModes } from "../terminal/modes.ts";
import { type Gap, PlainSink } from "./sink.ts";
import { HoldableWriter } from "./writer.ts";

/** So much of what a program has drawn before is looked at for what it has changed. */
const LOOK_BACK_BYTES = 256 * 1024;

const encoder = new TextEncoder();

/** Knows what the program has changed about the terminal, and undoes that. */
export class TerminalWriter extends HoldableWriter {
  readonly #modes = new TerminalModes();
  #notes: string[] = [];

  /** Whether the program draws on the other screen, where nothing can be written between. */
  get drawing(): boolean {
    return this.#modes.otherScreen;
  }

  override async write(stream: Stream, bytes: Uint8Array): Promise<void> {
    const before = this.drawing;
    await super.write(stream, bytes);
    // Back on the first screen, the cursor is where it was: behind our last note.
    if (before && !this.drawing) this.typed(false);
  }

  /** Only what is shown counts: leaving may drop what waits. */
  protected override passing(piece: Uint8Array): void {
    this.#modes.read(piece);
  }

  /** What is to be said while the program draws is said when it has left its screen. */
  override note(message: string, options?: { atOnce?: boolean }): Promise<void> {
    if (!this.drawing) return super.note(message, options);
    this.#notes.push(message);
    return Promise.resolve();
  }

  /** Makes the terminal like one that has shown all that a run has written, which is so much. */
  async join(runDirectory: string): Promise<LogSizes> {
    using log = LogFile.open(logPath(runDirectory, "stdout"));
    const length = Math.min(log.size, LOOK_BACK_BYTES);
    this.#modes.read(log.read(log.size - length, new Uint8Array(length)));
    await this.#switch(this.#modes.set() + (this.drawing ? this.#modes.begun : ""));
    return { stdout: log.size, stderr: 0 };
  }

  /**
   * Leaves out bytes of a run, but not what they change about the terminal.
   *
   * @param mark Says so, on the screen that scrolls: on the other one it would be drawn over.
   */
  async skip({ source, stream, offset, skipped }: Gap, mark: () => Promise<void>): Promise<void> {
    if (this.closed) return;
    const { drawing } = this;
    if (!drawing) await mark();
    const { changes } = this.#modes;
    using log = LogFile.open(logPath(source.runDirectory, stream));
    const turns = new Turns();
    const end = offset + skipped;
    for (let at = offset; at < end; at += BLOCK_BYTES) {
      this.#modes.read(log.read(at, new Uint8Array(Math.min(BLOCK_BYTES, end - at))));
      await turns.give();
    }
    await this.#switch(this.#modes.set(changes));
    if (drawing && !this.drawing) {
      this.typed(false);
      await mark();
    }
    await this.#switch(this.#modes.begun);
  }

  /** Makes the terminal as it was before the program. */
  async undo(): Promise<void> {
    await this.own("stdout", encoder.encode(this.#modes.undo()));
    const notes = this.#notes;
    this.#notes = [];
    for (const message of notes) await super.note(message);
  }

  /** The same while the program goes on drawing, of which nothing is shown from now on. */
  async leave(): Promise<void> {
    await this.close();
    await this.undo();
  }

  async #switch(sequences: string): Promise<void> {
    if (!this.closed) await this.own("stdout", encoder.encode(sequences));
  }
}

/** Every byte as it was written, and at the end of a run the terminal as it was before. */
export class TerminalSink extends PlainSink {
  readonly #writer: TerminalWriter;
  readonly #redraw: () => Promise<void>;

  /** @param redraw Makes a program draw anew of whose picture a part is left out. */
  constructor(writer: TerminalWriter, redraw: () => Promise<void>) {
    super(writer);
    this.#writer = writer;
    this.#redraw = redraw;
  }

  override async gap(gap: Gap): Promise<void> {
    await this.#writer.skip(gap, () => super.gap(gap));
    if (this.#writer.drawing) await this.#redraw();
  }

  override end(): Promise<void> {
    return this.#writer.undo();
  }
}
