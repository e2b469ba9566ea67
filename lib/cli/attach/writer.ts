/** Writing what programs have written, and our own notes between that. */
import { NEWLINE } from "../../logs/lines.ts";
import { printable } from "../../protocol/printable.ts";
import type { Stream } from "../../protocol/process.ts";
import { dim, isStyled, PLAIN } from "../terminal/style.ts";
import { encodeOwnText, writeBytes } from "../terminal/write.ts";

/** Whoever wants to ask something waits for no more than the writing of this many bytes. */
const PIECE_BYTES = 16 * 1024;

/**
 * Writes to both streams, one after the other and each whole; what is held back is written after the
 * release, in the same order.
 */
export class HoldableWriter {
  readonly #quiet: boolean;
  #held: PromiseWithResolvers<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  #piece: Promise<void> = Promise.resolve();
  /** The terminal is in the middle of a line. */
  #midLine = false;
  #closed = false;

  /** @param options `quiet`: no notes. */
  constructor(options: { quiet?: boolean } = {}) {
    this.#quiet = options.quiet ?? false;
  }

  /** Whoever writes waits from now on; resolves when nothing more comes to a terminal. */
  hold(): Promise<void> {
    this.#held ??= Promise.withResolvers<void>();
    return this.#piece;
  }

  /** Lets the writing go on. */
  release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  /** Whether nothing of a program is written any more. */
  protected get closed(): boolean {
    return this.#closed;
  }

  /** Told of every piece of a program right before it is written. */
  protected passing(_piece: Uint8Array): void {}

  /** Somebody has typed: where the terminal's line ends now. */
  typed(midLine: boolean): void {
    this.#midLine = midLine;
  }

  /**
   * Nothing of a program is written from now on, not even what waits already; notes are. Resolves
   * when a terminal has shown the piece that it is shown just now.
   */
  close(): Promise<void> {
    this.#closed = true;
    return this.#piece;
  }

  /** Writes all bytes of a program once nothing is held. */
  async write(stream: Stream, bytes: Uint8Array): Promise<void> {
    await this.#inTurn(() => this.#write(stream, bytes, { ofProgram: true }));
  }

  /** Writes bytes of our own in turn, also when nothing of a program is written any more. */
  protected async own(stream: Stream, bytes: Uint8Array): Promise<void> {
    await this.#inTurn(() => this.#write(stream, bytes));
  }

  /**
   * Says in a line of its own, on stderr, something of the view and not of the program.
   *
   * @param options `atOnce`: does not wait for what is being written, which a reader of a pipe may
   *   never take: whoever pressed a key gets an answer.
   */
  async note(message: string, { atOnce = false } = {}): Promise<void> {
    if (this.#quiet) return;
    const write = () => this.#line("stderr", `persistproc: ${printable(message)}`);
    try {
      await (atOnce ? write() : this.#inTurn(write));
    } catch {
      // Nobody reads it: there is no one to tell.
    }
  }

  /** Puts a mark where something is left out of a stream. */
  async mark(stream: Stream, text: string): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#closed) await this.#line(stream, text);
    });
  }

  async #line(stream: Stream, text: string): Promise<void> {
    while (this.#held) await this.#held.promise;
    const terminal = Deno[stream].isTerminal();
    const styled = isStyled(stream);
    const before = (styled ? PLAIN : "") + (terminal && this.#midLine ? "\n" : "");
    const line = `${before}${styled ? dim(text) : text}\n`;
    await this.#write(stream, encodeOwnText(stream, line));
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    await turn;
  }

  async #write(stream: Stream, bytes: Uint8Array, { ofProgram = false } = {}): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      while (this.#held) await this.#held.promise;
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (ofProgram) {
        if (this.#closed) return;
        this.passing(piece);
      }
      const writing = writeBytes(stream, piece);
      const terminal = Deno[stream].isTerminal();
      if (terminal) this.#piece = writing.catch(() => {});
      await writing;
      if (terminal) this.#midLine = piece.at(-1) !== NEWLINE;
    }
  }
}
