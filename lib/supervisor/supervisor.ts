/** The front door of the supervisor: requests in, facts out. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Caller, ListedProcess, LocatedProcess } from "../protocol/process.ts";
import type {
  CtrlRequest,
  ListRequest,
  LocatedCtrlResult,
  OutputRun,
  ProcessEvent,
  Survivor,
  Target,
} from "../protocol/requests.ts";
import { checkWait, type WaitRequest, type WaitResult } from "../protocol/wait.ts";
import type { LogSizes } from "../logs/recorder.ts";
import { sizesOf } from "../logs/run_files.ts";
import { systemProcessTable } from "../system/process_table.ts";
import { adoptAll } from "./adopt.ts";
import { Announcements, eventOf, type Tell } from "./announcements.ts";
import { control } from "./control.ts";
import type { Core } from "./core.ts";
import { type CoreOptions, createCore, type SupervisorOptions } from "./create_core.ts";
import { historyOfIds, historyOfTarget, runsOf } from "./history.ts";
import { Inspector } from "./inspector.ts";
import { Listing } from "./listing.ts";
import { Liveness } from "./liveness.ts";
import { runDirectory } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { stopAll } from "./shutdown.ts";
import { type WaitOptions, Waits } from "./waits.ts";

export type { SupervisorOptions } from "./create_core.ts";

/** How a caller waits. */
export interface SupervisorWaitOptions extends Omit<WaitOptions, "from"> {
  /** From where on output counts: the beginning of the run, this moment, or somewhere. */
  from: "start" | "now" | LogSizes;
}

/** Owns the processes of a data directory. */
export class Supervisor {
  readonly #core: Core;
  readonly #announcements = new Announcements();
  readonly #listing: Listing;
  readonly #liveness: Liveness;
  readonly #waits: Waits;
  #closing = false;
  #closed = false;

  private constructor(options: CoreOptions, boot: string) {
    const inspector: Inspector = new Inspector(
      this.#core = createCore(options, boot, {
        changed: (process) => this.#changed(process),
        explainEnd: (process, run) => inspector.explainEnd(process, run),
        closing: () => this.#closing,
        closed: () => this.#closed,
      }),
    );
    this.#listing = new Listing(this.#core, inspector);
    this.#liveness = new Liveness(this.#core);
    this.#waits = new Waits(this.#core, (process, tell) => this.subscribe(process, tell));
  }

  /** Reads the state of a data directory and takes over what still runs. */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const table = options.table ?? systemProcessTable();
    const supervisor = new Supervisor({ ...options, table }, await table.bootId());
    const core = supervisor.#core;
    await adoptAll(core, await core.store.load(options.report));
    supervisor.#liveness.watch();
    return supervisor;
  }

  /**
   * Starts, stops or restarts a process, or writes to its stdin.
   *
   * @throws {PersistprocError} when it cannot be done.
   */
  ctrl(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    return control(this.#core, request, caller);
  }

  /**
   * The processes that match, in the order of their first start, with all that they take and offer:
   * that is looked up now, which costs a moment.
   */
  list(request: ListRequest): Promise<(LocatedProcess & ListedProcess)[]> {
    return this.#listing.list(request);
  }

  /** The runs whose output a target means, with their logs indexed up to this moment. */
  runs(target: Target, all: boolean): Promise<LocatedProcess[]> {
    return runsOf(this.#core, target, all);
  }

  /**
   * All that is kept of the runs of the processes that a target means, each process's in their
   * order; of a PID only the run that it names. Their logs are indexed up to this moment.
   */
  history(target: Target, all: boolean): Promise<OutputRun[]> {
    return historyOfTarget(this.#core, target, all);
  }

  /** The same for processes by their ids; those that are forgotten by now are left out. */
  historyOf(ids: readonly string[]): OutputRun[] {
    return historyOfIds(this.#core, ids);
  }

  /**
   * Waits until something holds for a run, named by its id.
   *
   * @throws {PersistprocError} for conditions that make no sense, a run that is not known, and when
   * the supervision ends meanwhile.
   */
  async wait(
    id: string,
    request: WaitRequest,
    options: SupervisorWaitOptions,
  ): Promise<WaitResult> {
    checkWait(request, { most: Infinity });
    const [processId = "", number] = id.split("-");
    const process = this.#core.registry.get(processId);
    const run = process?.record.runs.find((run) => run.number === Number(number));
    if (process === undefined || run === undefined) {
      throw new PersistprocError("not_found", "What is waited for is not known any more.", {
        hint: "Call `list` to see what there is.",
      });
    }
    const directory = runDirectory(this.#core.store.directory, process.record, run);
    const { from } = options;
    return await this.#waits.wait(process, run, request, {
      ...options,
      from: from === "start"
        ? { stdout: 0, stderr: 0 }
        : from === "now"
        ? sizesOf(directory)
        : from,
    });
  }

  /** Calls the listener after each change of a process, or of any when none is named. */
  subscribe(process: string | null, tell: Tell): () => void {
    return this.#announcements.subscribe(process, tell);
  }

  /** All processes as events would tell them now. */
  locations(): ProcessEvent[] {
    return this.#core.registry.all().map((process) => eventOf(this.#core, process));
  }

  /** A process as an event would tell it now; null when there is none of that id. */
  location(id: string): ProcessEvent | null {
    const process = this.#core.registry.get(id);
    return process && process.record.runs.length > 0 ? eventOf(this.#core, process) : null;
  }

  /** Waits until each start under way of a process, or of any, has a PID or has failed. */
  async spawned(id: string | null): Promise<void> {
    const meant = this.#core.registry.everyone()
      .filter(({ record }) => id === null || record.id === id);
    await Promise.all(meant.map(({ spawning }) => spawning));
  }

  /** Ends the supervision; stops all processes at the same time unless they are to be kept. */
  async shutdown(options: { keep: boolean; by?: string }): Promise<Survivor[]> {
    this.#closing = true;
    this.#liveness.close();
    const { registry, retention, recorder } = this.#core;
    const survivors = options.keep
      ? []
      : await stopAll(this.#core, options.by ?? "the server's shutdown");
    // What is kept must be found by the next server as it is.
    await Promise.all(registry.everyone().map(({ idle }) => idle));
    this.#closed = true;
    this.#waits.close();
    await retention.close();
    recorder.close();
    await this.#core.store.written();
    return survivors;
  }

  /** Sends SIGKILL to whatever a stop under way is still waiting for. */
  hurryShutdown(): void {
    for (const { stopping } of this.#core.registry.all()) stopping?.kill();
  }

  #changed(process: ManagedProcess): void {
    this.#liveness.watch();
    if (process.record.runs.length === 0) return;
    this.#announcements.announce(eventOf(this.#core, process));
  }
}
