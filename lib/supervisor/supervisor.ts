/** The front door of the supervisor: requests in, facts out. */
import { splitCommandLine } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { Caller, EnvironmentSource, LocatedProcess } from "../protocol/process.ts";
import type {
  CtrlRequest,
  ListRequest,
  LocatedCtrlResult,
  ProcessEvent,
  Survivor,
  Target,
} from "../protocol/requests.ts";
import { LogRecorder } from "../logs/recorder.ts";
import { dataPaths } from "../system/paths.ts";
import { type ProcessTable, systemProcessTable } from "../system/process_table.ts";
import { type Signals, systemSignals } from "../system/signals.ts";
import { adoptAll } from "./adopt.ts";
import { type Clock, type Core, systemClock } from "./core.ts";
import { endRun } from "./end_run.ts";
import { describeProcess } from "./info.ts";
import { type Spawner, spawnUnderKeeper } from "./keeper.ts";
import { currentRun, isLive, runDirectory, runId, type RunRecord } from "./record.ts";
import { type Members, MemberScanner, type RunSigns } from "./membership.ts";
import { type ManagedProcess, Registry } from "./registry.ts";
import { restartProcess } from "./restart.ts";
import { startProcess, startRemark } from "./start.ts";
import { membersOf, stopProcess } from "./stop.ts";
import { ProcessStore } from "./store.ts";
import { meansCommand, namesProcess, resolveTarget } from "./targets.ts";

/** How a supervisor is made; what is left out is this system's own. */
export interface SupervisorOptions {
  dataDirectory: string;
  /** The environment of the server. */
  environment: Readonly<Record<string, string>>;
  /** Says what a person should know, in the server's log. */
  report: (message: string) => void;
  clock?: Clock;
  signals?: Signals;
  table?: ProcessTable;
  spawn?: Spawner;
}

/** Milliseconds between looks at runs whose keeper is not our child. */
const LOOK_INTERVAL = 1_000;

type Listener = { process: string | null; tell: (event: ProcessEvent) => void };

/** Owns the processes of a data directory. */
export class Supervisor {
  readonly #core: Core;
  readonly #listeners = new Set<Listener>();
  readonly #look: ReturnType<typeof setInterval>;
  #closing = false;
  #closed = false;

  private constructor(options: SupervisorOptions, boot: string) {
    const clock = options.clock ?? systemClock;
    const registry = new Registry();
    const table = options.table ?? systemProcessTable();
    this.#core = {
      registry,
      store: new ProcessStore(dataPaths(options.dataDirectory)),
      recorder: new LogRecorder({ now: clock.now, report: options.report }),
      signals: options.signals ?? systemSignals,
      table,
      members: new MemberScanner(table, {
        runs: () => registry.all().map(signsOf),
        seen: (members) => remember(registry, members),
      }),
      spawn: options.spawn ?? spawnUnderKeeper,
      clock,
      boot,
      environment: options.environment,
      report: options.report,
      changed: (process) => this.#tell(process),
      closing: () => this.#closing,
      closed: () => this.#closed,
    };
    this.#look = setInterval(() => this.#lookAtLiving(), LOOK_INTERVAL);
  }

  /** Reads the state of a data directory and takes over what still runs. */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const table = options.table ?? systemProcessTable();
    const supervisor = new Supervisor({ ...options, table }, await table.bootId());
    const core = supervisor.#core;
    await adoptAll(core, await core.store.load(options.report));
    return supervisor;
  }

  /**
   * Starts, stops or restarts a process.
   *
   * @throws {PersistprocError} when it cannot be done.
   */
  async ctrl(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    switch (request.action) {
      case "start":
        return await this.#start(request, caller);
      case "stop":
        return await this.#stop(request, caller);
      case "restart":
        return await this.#restart(request, caller);
    }
  }

  /** The processes that match, in the order of their first start. */
  async list(request: ListRequest): Promise<LocatedProcess[]> {
    const { pid, command_or_label: wanted, running_only } = request;
    const directory = await realPathOrSame(request.working_directory);
    const words = wanted === undefined ? [] : wordsOf(wanted);
    if (this.#core.registry.all().some(({ leftBehind }) => leftBehind)) {
      await this.#core.members.look();
    }
    const named = pid === undefined ? undefined : this.#core.registry.byPid(pid);
    return this.#core.registry.all()
      .filter((process) => pid === undefined || process === named?.process)
      .filter(({ record }) =>
        wanted === undefined || record.label === wanted || meansCommand(record, wanted, words)
      )
      .filter(({ record }) => directory === undefined || record.working_directory === directory)
      .filter(({ live }) => !running_only || live)
      .map((process) => this.#describe(process, named?.run));
  }

  /** The runs whose output a target means, with their logs indexed up to this moment. */
  async runs(target: Target, all: boolean): Promise<LocatedProcess[]> {
    const directory = await realPathOrSame(target.working_directory);
    const found = namesProcess(target)
      ? [resolveTarget(this.#core.registry, { ...target, working_directory: undefined }, directory)]
      : this.#core.registry.all()
        .filter(({ record }) =>
          all || directory === undefined || record.working_directory === directory
        )
        .map((process) => ({ process, run: currentRun(process.record) }));
    for (const { process, run } of found) {
      if (run === currentRun(process.record)) {
        this.#core.recorder.look(runDirectory(this.#core.store.directory, process.record, run));
      }
    }
    return found.map(({ process, run }) => this.#describe(process, run));
  }

  /** Calls the listener after each change of a process, or of any when none is named. */
  subscribe(process: string | null, tell: (event: ProcessEvent) => void): () => void {
    const listener = { process, tell };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A process as an event would tell it now; null when there is none of that id. */
  location(id: string): ProcessEvent | null {
    const process = this.#core.registry.get(id);
    return process && process.record.runs.length > 0 ? this.#event(process) : null;
  }

  /** Ends the supervision; stops all processes at the same time unless they are to be kept. */
  async shutdown(options: { keep: boolean; by?: string }): Promise<Survivor[]> {
    this.#closing = true;
    clearInterval(this.#look);
    const by = options.by ?? "the server's shutdown";
    const survivors = options.keep ? [] : await Promise.all(
      this.#core.registry.all().filter(({ live }) => live)
        .map((process) => stopProcess(this.#core, process, { by })),
    );
    this.#closed = true;
    this.#core.recorder.close();
    return survivors.flat();
  }

  /** Sends SIGKILL to whatever a stop under way is still waiting for. */
  hurryShutdown(): void {
    for (const { stopping } of this.#core.registry.all()) stopping?.kill();
  }

  async #start(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    const outcome = await startProcess(this.#core, request, caller);
    return this.#result(request, outcome.process, {
      reason: startRemark(outcome),
      already_running: outcome.alreadyRunning,
      environment_source: outcome.environmentSource,
    });
  }

  async #stop(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    const { process, run } = await this.#resolve(request, caller);
    if (run !== currentRun(process.record) || !await this.#hasMembers(process)) {
      this.#refuseEnded(process, run, "stop");
    }
    const survivors = await stopProcess(this.#core, process, {
      by: caller.name,
      force: request.force,
      graceSeconds: request.grace_seconds,
    });
    return this.#result(request, process, { run, survivors });
  }

  async #restart(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    const { process, run } = await this.#resolve(request, caller);
    if (run !== currentRun(process.record) && process.live) {
      this.#refuseEnded(process, run, "restart");
    }
    const before = await restartProcess(this.#core, process, {
      by: caller.name,
      force: request.force,
      graceSeconds: request.grace_seconds,
    });
    return this.#result(request, process, {
      previous_pid: before.pid,
      exit_code: before.exit_code,
      signal: before.signal,
      environment_source: process.record.environment_source,
    });
  }

  async #resolve(request: CtrlRequest, caller: Caller) {
    const working_directory = await realPathOrSame(request.working_directory);
    const preferred = await realPathOrSame(caller.working_directory);
    return resolveTarget(this.#core.registry, { ...request, working_directory }, preferred);
  }

  async #hasMembers(process: ManagedProcess): Promise<boolean> {
    return process.live || (await membersOf(this.#core, process)).length > 0;
  }

  #refuseEnded(process: ManagedProcess, run: RunRecord, verb: "stop" | "restart"): void {
    const { record } = process;
    const now = currentRun(record);
    if (isLive(run)) return;
    throw new PersistprocError(
      "not_running",
      `${
        run.pid === null ? record.label : `PID ${run.pid} (${record.label})`
      } is not running: ${run.reason}.`,
      run !== now && isLive(now)
        ? { hint: `It runs now as PID ${now.pid}; ${verb} that one.` }
        : { hint: "Nothing has to be stopped." },
    );
  }

  #result(
    request: CtrlRequest,
    process: ManagedProcess,
    facts: {
      run?: RunRecord;
      reason?: string;
      exit_code?: number | null;
      signal?: string | null;
      previous_pid?: number | null;
      already_running?: boolean;
      environment_source?: EnvironmentSource;
      survivors?: Survivor[];
    },
  ): LocatedCtrlResult {
    const now = this.#describe(process, facts.run);
    return {
      action: request.action,
      pid: now.pid,
      label: now.label,
      status: now.status,
      exit_code: facts.exit_code === undefined ? now.exit_code : facts.exit_code,
      signal: facts.signal === undefined ? now.signal : facts.signal,
      reason: facts.reason ?? now.reason,
      previous_pid: facts.previous_pid ?? null,
      already_running: facts.already_running ?? false,
      environment_source: facts.environment_source ?? null,
      survivors: facts.survivors ?? [],
      log_stdout: now.log_stdout,
      log_stderr: now.log_stderr,
      process: now.process,
      run: now.run,
      run_directory: now.run_directory,
    };
  }

  #describe(process: ManagedProcess, run?: RunRecord): LocatedProcess {
    const { record, leftBehind, members } = process;
    return describeProcess(record, {
      processes: this.#core.store.directory,
      now: this.#core.clock.now(),
      run,
      leftBehind: leftBehind ? [...members.values()] : [],
    });
  }

  #event(process: ManagedProcess): ProcessEvent {
    const run = currentRun(process.record);
    return {
      process: this.#describe(process),
      restarting: process.startExpected,
      by: run.stop?.by ?? (run.status === "running" ? run.started_by : null),
    };
  }

  #tell(process: ManagedProcess): void {
    if (process.record.runs.length === 0) return;
    const event = this.#event(process);
    for (const listener of this.#listeners) {
      if (listener.process === null || listener.process === event.process.process) {
        listener.tell(event);
      }
    }
  }

  /** Notices the end of runs whose keeper was killed, or is not a child of this server. */
  #lookAtLiving(): void {
    for (const process of this.#core.registry.all()) {
      const run = currentRun(process.record);
      if (run.status !== "running" || run.pid === null) continue;
      if (this.#core.signals.exists(run.pid)) continue;
      endRun(this.#core, process, run).catch((error) => this.#core.report(String(error)));
    }
  }
}

function signsOf({ record, members }: ManagedProcess): RunSigns {
  const run = currentRun(record);
  return { run: runId(record, run), group: run.group, known: members };
}

function remember(registry: Registry, members: Members): void {
  for (const process of registry.all()) {
    const { record } = process;
    const living = members.get(runId(record, currentRun(record)));
    if (living) process.members = new Map(living.map((entry) => [entry.pid, entry]));
  }
}

function wordsOf(text: string): string[] {
  try {
    return splitCommandLine(text);
  } catch {
    return [text];
  }
}

async function realPathOrSame(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return await Deno.realPath(path).catch(() => path);
}
