/** Writing that can be held back while a question is on the terminal. */
import type { Stream } from "../../protocol/process.ts";
import { writeBytes } from "../terminal/write.ts";

/** Writes to both streams; what is held is written after the release, in the same order. */
export class HoldableWriter {
  #held: { promise: Promise<void>; resolve: () => void } | null = null;

  /** Whoever writes waits from now on. */
  hold(): void {
    this.#held ??= Promise.withResolvers<void>();
  }

  /** Lets the writing go on. */
  release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  /** Writes all bytes once nothing is held. */
  async write(stream: Stream, bytes: Uint8Array): Promise<void> {
    while (this.#held) await this.#held.promise;
    await writeBytes(stream, bytes);
  }
}
