/** One run whose output is being shown. */
import { basename } from "@std/path";
import { type Follower, followRun } from "../../logs/follow.ts";
import type { LogSource } from "../../logs/output.ts";
import type { LogSizes } from "../../logs/run_files.ts";
import type { Sink } from "./sink.ts";

/** Runs are numbered in the order of their starts; their directories are named so. */
export function runNumber(runDirectory: string): number {
  return Number(basename(runDirectory));
}

/** Copies what a run writes to a sink, as fast as the sink takes it. */
export class ShownRun {
  readonly #follower: Follower;
  readonly #copied: Promise<void>;

  /** @param onFailure Told when the sink fails: the reader of our output is gone. */
  constructor(source: LogSource, from: LogSizes, sink: Sink, onFailure: (error: unknown) => void) {
    this.#follower = followRun(source.runDirectory, { from, backlog: sink.backlog });
    this.#copied = this.#copy(source, { ...from }, sink);
    this.#copied.catch(onFailure);
  }

  async #copy(source: LogSource, offsets: LogSizes, sink: Sink): Promise<void> {
    for await (const { stream, bytes, missed, skipped } of this.#follower) {
      const shown = offsets[stream];
      if (missed + skipped > 0) {
        await sink.gap({ source, stream, offset: shown, skipped, missed });
      }
      const offset = shown + skipped + missed;
      offsets[stream] = offset + bytes.length;
      await sink.chunk({ source, stream, offset, bytes });
    }
    await sink.end(source);
  }

  /** The run has ended: settles when its last byte is shown. */
  finish(): Promise<void> {
    this.#follower.finish();
    return this.#copied;
  }
}
