/** All processes in memory, by id, and who may have which label. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Survivor } from "../protocol/requests.ts";
import type { ProcessEntry } from "../system/process_table.ts";
import {
  commandLineOf,
  currentRun,
  defaultLabel,
  isLive,
  type ProcessRecord,
  type RunRecord,
  shortCommandLine,
} from "./record.ts";

/** A stop under way; whoever asks for another joins it. */
export interface StopUnderWay {
  /** Resolves with what could not be ended. */
  done: Promise<Survivor[]>;
  /** Sends SIGKILL now instead of at the end of the grace period. */
  kill: () => void;
}

/** One process, and what is being done to it. */
export class ManagedProcess {
  readonly record: ProcessRecord;
  /** The living members of the current run at the last look, by PID. */
  members: ReadonlyMap<number, ProcessEntry> = new Map();
  /** The stop under way, if any. */
  stopping: StopUnderWay | null = null;
  /** The restart under way, if any: a second one gets the same answer. */
  restarting: Promise<RunRecord> | null = null;
  /** Resolves when the program of a run that is being started has a PID, or never will. */
  spawning: Promise<unknown> = Promise.resolve();
  /** Resolves when its group is not stopped for a moment, to have a log rewritten. */
  frozen: Promise<unknown> = Promise.resolve();
  #tail: Promise<unknown> = Promise.resolve();
  #startsExpected = 0;
  #startsAsked = 0;
  #cancelled = { before: 0, by: "" };

  constructor(record: ProcessRecord) {
    this.record = record;
  }

  /**
   * Runs starts of this process one after the other. Whoever watches meanwhile knows that an end is
   * not the last word; `settled` is called when it is again. An operation asks right before it
   * starts something who has called it off meanwhile, if anybody.
   */
  enqueueStart<T>(
    operation: (cancelledBy: () => string | null) => Promise<T>,
    settled: () => void,
  ): Promise<T> {
    this.#startsExpected++;
    const number = ++this.#startsAsked;
    const cancelledBy = () => number <= this.#cancelled.before ? this.#cancelled.by : null;
    const result = this.#tail.then(() => operation(cancelledBy)).finally(() => {
      this.#startsExpected--;
      settled();
    });
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Calls off the starts that are waiting: somebody asked for a stop after them. */
  cancelStarts(by: string): void {
    this.#cancelled = { before: this.#startsAsked, by };
  }

  /** Resolves when no start is under way or waiting. */
  get idle(): Promise<unknown> {
    return this.#tail;
  }

  /** Whether a start or restart is under way or waiting. */
  get startExpected(): boolean {
    return this.#startsExpected > 0;
  }

  /** Whether its program has ended and others of its members live on. */
  get leftBehind(): boolean {
    if (this.live) return false;
    // The keeper, which leads the group, ends a moment after it has written how its program did.
    const keeper = this.record.runs.at(-1)?.group;
    return [...this.members.keys()].some((pid) => pid !== keeper);
  }

  /** Whether it has a run under way. */
  get live(): boolean {
    const run = this.record.runs.at(-1);
    return run !== undefined && isLive(run);
  }
}

/** What identifies a process when it is started. */
export interface Identity {
  command: string[];
  written: string | null;
  /** The real path. */
  workingDirectory: string;
  /** The label that was asked for; null when none was. */
  label: string | null;
}

/** Holds the processes. Every method is synchronous: what it decides cannot be overtaken. */
export class Registry {
  readonly #processes = new Map<string, ManagedProcess>();

  /** All processes that were ever started, in the order of their first start. */
  all(): ManagedProcess[] {
    return [...this.#processes.values()].filter(({ record }) => record.runs.length > 0);
  }

  /** The process with this id. */
  get(id: string): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  /** All processes, also those whose first start is under way. */
  everyone(): ManagedProcess[] {
    return [...this.#processes.values()];
  }

  /** Adds a process. */
  add(process: ManagedProcess): void {
    this.#processes.set(process.record.id, process);
  }

  /** Forgets a process. */
  delete(process: ManagedProcess): void {
    this.#processes.delete(process.record.id);
  }

  /** The process that has this label. */
  byLabel(label: string): ManagedProcess | undefined {
    return [...this.#processes.values()].find(({ record }) => record.label === label);
  }

  /**
   * The process that a start means, made if there is none.
   *
   * @throws {PersistprocError} `label_taken` when another process runs under that label.
   */
  claim(identity: Identity, make: (label: string) => ProcessRecord): ManagedProcess {
    const known = this.find(identity);
    if (known) return known;
    if (identity.label !== null) this.#releaseLabel(identity.label);
    const label = identity.label ?? this.#freeLabel(
      defaultLabel(commandLineOf(identity), identity.workingDirectory),
    );
    const process = new ManagedProcess(make(label));
    this.add(process);
    return process;
  }

  /**
   * The process that a start means, if it is known. With a label, it is the one of that label; without, the one of that command and directory:
   * a running one first, the one without a chosen label before the others, the newest last.
   */
  find({ command, workingDirectory, label }: Identity): ManagedProcess | undefined {
    const same = [...this.#processes.values()].filter(({ record }) =>
      record.working_directory === workingDirectory && sameWords(record.command, command)
    );
    if (label !== null) return same.find(({ record }) => record.label === label);
    const rank = (process: ManagedProcess) =>
      (process.live ? 2 : 0) + (process.record.label_given ? 0 : 1);
    return same.toSorted((a, b) => rank(a) - rank(b)).at(-1);
  }

  /** Takes a label from an ended process; from one that runs it cannot be taken. */
  #releaseLabel(label: string): void {
    const holder = this.byLabel(label);
    if (holder === undefined) return;
    const { record } = holder;
    const run = record.runs.at(-1);
    if (run === undefined || isLive(run) || holder.startExpected) {
      throw new PersistprocError(
        "label_taken",
        `The label "${label}" is already running${run?.pid ? ` as PID ${run.pid}` : ""}: ${
          shortCommandLine(commandLineOf(record))
        } in ${record.working_directory}.`,
        { hint: "Stop that process first, or choose another label." },
      );
    }
    record.label_given = false;
    record.label = this.#freeLabel(defaultLabel(commandLineOf(record), record.working_directory));
  }

  #freeLabel(wanted: string): string {
    let label = wanted;
    for (let n = 2; this.byLabel(label) !== undefined; n++) label = `${wanted} (${n})`;
    return label;
  }

  /** The run that a PID names: one under way first, else the newest. */
  byPid(pid: number): { process: ManagedProcess; run: RunRecord } | undefined {
    const found = this.all().flatMap((process) =>
      process.record.runs.filter((run) => run.pid === pid).map((run) => ({ process, run }))
    );
    return found.find(({ run }) => isLive(run)) ??
      found.toSorted((a, b) => a.run.started_at - b.run.started_at).at(-1);
  }

  /** Ended processes beyond the newest `kept`, oldest end first. */
  surplus(kept: number): ManagedProcess[] {
    const ended = this.all()
      .filter((process) => !process.live && !process.leftBehind && !process.startExpected)
      .toSorted((a, b) =>
        (currentRun(b.record).ended_at ?? 0) - (currentRun(a.record).ended_at ?? 0)
      );
    return ended.slice(kept);
  }
}

/** Whether two argument lists are equal. */
export function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
