/** Keeps the logs of all runs within their limits. Does nothing while nobody writes. */
import {
  type Dropped,
  NOTHING_DROPPED,
  readDroppedOrDamage,
  writeDropped,
} from "../logs/dropped.ts";
import { isBeingRewritten } from "../logs/log_file.ts";
import { emptyKeepingSize, finishRewriting, rewriteFrom } from "../logs/holes.ts";
import { cutOffset, type LogLimits, runsToEmpty, urgencyOf } from "../logs/retention.ts";
import { logPath, type LogSizes, sizesOf, STREAMS } from "../logs/run_files.ts";
import { describeBytes } from "../protocol/byte_size.ts";
import type { Stream } from "../protocol/process.ts";
import { isDiskFull } from "../system/storage_failure.ts";
import type { ProcessTable } from "../system/process_table.ts";
import { type PunchHole, punchHole } from "../system/punch_hole.ts";
import type { Signals } from "../system/signals.ts";
import { whileFrozen } from "./freeze.ts";
import { repairLogs } from "./repair_logs.ts";
import type { RetainedRun } from "./retained_run.ts";

/** What a retention depends on. */
export interface RetentionOptions {
  limits: LogLimits;
  signals: Signals;
  table: ProcessTable;
  report: (message: string) => void;
  /** Leaves out of a timeline what is not kept any more. */
  trimTimeline: (runDirectory: string) => void;
  punch?: PunchHole;
  /** Milliseconds from when a log exceeds its limit to when it is cut, unless it grows too fast. */
  patience?: number;
}

const PATIENCE_MS = 500;

interface Kept {
  run: RetainedRun;
  sizes: LogSizes;
  dropped: Dropped;
  timer: ReturnType<typeof setTimeout> | undefined;
  working: Promise<void> | null;
  /** Its files are gone, even if it is still being worked on. */
  forgotten: boolean;
}

/** Keeps logs within limits; the one who writes the files `dropped`. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #punch: PunchHole;
  readonly #runs = new Map<string, Kept>();
  #total = 0;
  #canPunch = true;
  #closed = false;
  readonly #said = new Set<string>();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#punch = options.punch ?? punchHole;
  }

  /**
   * Takes a run into account that was there before this server: finishes what a server that died
   * left half done, and cuts what grew meanwhile. To be done before anybody looks at its logs;
   * `keepTotal` follows when all runs are known.
   */
  async adopt(run: RetainedRun): Promise<void> {
    try {
      await repairLogs(run, { signals: this.#options.signals, punch: this.#punch });
    } catch (error) {
      this.#sayOnce(run.directory, `The logs in ${run.directory} could not be looked at: ${error}`);
      return;
    }
    this.#count(run, sizesOf(run.directory));
  }

  /** Empties ended runs while all logs together exceed their limit. */
  keepTotal(): void {
    if (this.#total > this.#options.limits.total) this.#emptyEndedRuns();
  }

  /** The logs of a run have reached these sizes. */
  grown(run: RetainedRun, sizes: LogSizes): void {
    if (this.#closed) return;
    this.#count(run, sizes);
    this.keepTotal();
  }

  #count(run: RetainedRun, sizes: LogSizes): void {
    const kept = this.#runs.get(run.directory) ?? this.#add(run);
    this.#recount(kept, sizes);
    this.#consider(kept);
  }

  #recount(kept: Kept, sizes: LogSizes): void {
    this.#total -= heldBy(kept);
    kept.sizes = { ...sizes };
    for (const stream of STREAMS) {
      if (sizes[stream] < kept.dropped[stream]) this.#emptiedOutside(kept, stream);
    }
    this.#total += heldBy(kept);
  }

  /** A run is forgotten, and its files with it. */
  forget(runDirectory: string): void {
    const kept = this.#runs.get(runDirectory);
    if (kept === undefined) return;
    clearTimeout(kept.timer);
    this.#runs.delete(runDirectory);
    this.#total -= heldBy(kept);
    kept.forgotten = true;
  }

  /** Waits for what is under way; what is still to be cut is left to the next server. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#runs.values()) clearTimeout(timer);
    await Promise.all([...this.#runs.values()].map(({ working }) => working));
  }

  #add(run: RetainedRun): Kept {
    const dropped = readDroppedOrDamage(run.directory) ?? { ...NOTHING_DROPPED };
    const sizes = { stdout: dropped.stdout, stderr: dropped.stderr };
    const kept: Kept = { run, sizes, dropped, timer: undefined, working: null, forgotten: false };
    this.#runs.set(run.directory, kept);
    return kept;
  }

  #consider(kept: Kept): void {
    if (kept.working !== null || this.#closed) return;
    const urgencies = STREAMS.map((stream) =>
      urgencyOf(kept.sizes[stream] - kept.dropped[stream], this.#options.limits.stream)
    );
    if (urgencies.includes("at once")) this.#cutNow(kept);
    else if (urgencies.includes("soon") && kept.timer === undefined) {
      kept.timer = setTimeout(() => this.#cutNow(kept), this.#options.patience ?? PATIENCE_MS);
    }
  }

  #cutNow(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    kept.working = this.#cutAll(kept)
      .then((done) => {
        kept.working = null;
        this.#recount(kept, kept.sizes);
        // What grew meanwhile; after a failure, the next growth tries again.
        if (done) this.#consider(kept);
      });
  }

  async #cutAll(kept: Kept): Promise<boolean> {
    const { run } = kept;
    try {
      for (const stream of STREAMS) {
        const held = kept.sizes[stream] - kept.dropped[stream];
        if (urgencyOf(held, this.#options.limits.stream) === "none") continue;
        const path = logPath(run.directory, stream);
        const from = cutOffset(path, kept.sizes[stream], this.#options.limits.stream);
        await this.#cut(kept, stream, from);
      }
      this.#options.trimTimeline(run.directory);
      return true;
    } catch (error) {
      if (kept.forgotten) return false;
      const why = error instanceof Error ? error.message : String(error);
      this.#sayOnce(run.directory, `The logs of ${run.label} could not be shortened: ${why}`);
      return false;
    }
  }

  /** Drops the bytes before `from`, by a hole where that can be had. */
  async #cut(kept: Kept, stream: Stream, from: number): Promise<void> {
    const path = logPath(kept.run.directory, stream);
    if (this.#canPunch) {
      const before = kept.dropped;
      // Before the bytes go, unless there is room for the note only afterwards.
      const noted = this.#note(kept, { ...before, [stream]: from });
      const outcome = await this.#punch(path, from);
      if (outcome === "punched") {
        if (!noted) writeDropped(kept.run.directory, kept.dropped);
        return;
      }
      this.#note(kept, before);
      if (outcome !== "unsupported") throw new Error(outcome.failed);
      this.#canPunch = false;
      this.#options.report(
        "No holes can be punched into files here: logs above their limit are rewritten, while the " +
          "processes of the run are stopped for a moment. One outside its process group can lose " +
          "what it writes in that moment.",
      );
    }
    await this.#cutFrozen(kept, stream, from);
  }

  async #cutFrozen(kept: Kept, stream: Stream, from: number): Promise<void> {
    const { run } = kept;
    const path = logPath(run.directory, stream);
    const before = kept.dropped;
    const rewrite = () => {
      // Left by a rewriting that failed in the middle.
      finishRewriting(path, kept.dropped[stream]);
      this.#note(kept, { ...kept.dropped, [stream]: from });
      try {
        rewriteFrom(path, from);
      } catch (error) {
        if (!isBeingRewritten(path)) {
          this.#note(kept, { ...kept.dropped, [stream]: before[stream] });
        }
        throw error;
      }
    };
    const group = await run.freezableGroup();
    if (group === null) return rewrite();
    if (group === "busy") throw new Error("it is being stopped");
    // Should this server die meanwhile, the next one lets the group go on.
    if (!this.#note(kept, { ...before, freezing: stream })) throw new Error("the disk is full");
    const frozen = whileFrozen(group, this.#options, rewrite);
    run.holdSignals(frozen.catch(() => {}));
    try {
      if (!await frozen) throw new Error("its processes could not all be stopped for a moment");
    } finally {
      this.#note(kept, { ...kept.dropped, freezing: null });
    }
  }

  /** Writes down what is dropped; false when the disk is too full for that. */
  #note(kept: Kept, dropped: Dropped): boolean {
    this.#total -= heldBy(kept);
    kept.dropped = dropped;
    this.#total += heldBy(kept);
    try {
      writeDropped(kept.run.directory, dropped);
      return true;
    } catch (error) {
      if (isDiskFull(error)) return false;
      throw error;
    }
  }

  /** What the log holds now begins at 0. */
  #emptiedOutside(kept: Kept, stream: Stream): void {
    if (kept.working !== null) return;
    kept.dropped = { ...kept.dropped, [stream]: 0 };
    try {
      writeDropped(kept.run.directory, kept.dropped);
    } catch (error) {
      this.#sayOnce(kept.run.directory, `What ${kept.run.label} has lost was not noted: ${error}`);
    }
  }

  #emptyEndedRuns(): void {
    const { limits, report } = this.#options;
    const ended = [...this.#runs.values()].flatMap((kept) => {
      const endedAt = kept.working === null ? kept.run.endedAt() : null;
      return endedAt === null ? [] : [{ kept: heldBy(kept), endedAt, entry: kept }];
    });
    for (const { kept: bytes, entry } of runsToEmpty(ended, this.#total, limits.total)) {
      const { run } = entry;
      try {
        this.#note(entry, { ...entry.sizes, freezing: null });
        for (const stream of STREAMS) emptyKeepingSize(logPath(run.directory, stream));
        this.#options.trimTimeline(run.directory);
        report(
          `All logs together exceed ${describeBytes(limits.total)}: those of an ended run of ` +
            `${run.label} were dropped, ${describeBytes(bytes)}.`,
        );
      } catch (error) {
        this.#sayOnce(run.directory, `The logs in ${run.directory} were not dropped: ${error}`);
      }
    }
  }

  #sayOnce(key: string, message: string): void {
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#options.report(message);
  }
}

/** What the logs of a run hold, in bytes. */
function heldBy({ sizes, dropped, forgotten }: Kept): number {
  if (forgotten) return 0;
  return sizes.stdout - dropped.stdout + sizes.stderr - dropped.stderr;
}
