/**
 * What processes take and offer: ports, URLs, processor, memory. Looked up when somebody asks, in
 * one scan for all of them.
 */
import { recentLines } from "../logs/recent.ts";
import { STREAMS } from "../logs/run_files.ts";
import { type ListeningPort, NO_USAGE, type ProcessUsage } from "../protocol/process.ts";
import type { Listener } from "../system/listeners.ts";
import type { ProcessEntry } from "../system/process_table.ts";
import { type AddressInUse, findAddressInUse } from "./address_in_use.ts";
import type { Core } from "./core.ts";
import { CpuMeter, SHORTEST_MILLISECONDS } from "./cpu_meter.ts";
import type { Members } from "./membership.ts";
import { explainConflict } from "./port_conflict.ts";
import { currentRun, isLive, runDirectory, runId, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";
import { UrlFinder } from "./url_finder.ts";

/** What a look at a process brings. */
export interface Inspection {
  usage: ProcessUsage;
  /** What is to be said besides its reason: who holds the port that it complains about. */
  remark: string | null;
}

/** The newest lines of each stream in which a complaint about a port is looked for. */
const COMPLAINT_LINES = 50;

/** Looks at processes, and remembers what makes the next look cheaper. */
export class Inspector {
  readonly #core: Core;
  readonly #cpu = new CpuMeter();
  readonly #urls = new UrlFinder();
  readonly #complaints = new Map<string, { sizes: string; complaint: AddressInUse | null }>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Looks at the current runs of processes; nothing is asked when nothing of them runs. */
  async inspect(
    processes: readonly ManagedProcess[],
  ): Promise<ReadonlyMap<ManagedProcess, Inspection>> {
    const wanted = processes.filter(({ live, leftBehind }) => live || leftBehind);
    if (wanted.length === 0) return new Map();
    // What takes longer is begun first.
    const [listeners, members] = await Promise.all([
      this.#core.listeners(),
      this.#core.members.look(),
    ]);
    const looks = wanted.map((process) => lookAt(process, members));
    const [shares, found] = await Promise.all([
      this.#measure(looks),
      Promise.all(looks.map(async (look) => {
        const { process, run, id, own } = look;
        const directory = runDirectory(this.#core.store.directory, process.record, run);
        const ports = portsOf(own, run, listeners);
        const [urls, complaint] = await Promise.all([
          this.#urls.urls(id, directory, ports, listeners),
          isLive(run) ? this.#complaint(id, directory) : null,
        ]);
        const remark = complaint &&
          await explainConflict(this.#core, process, complaint, {
            listeners,
            members,
            ended: false,
          });
        return { look, ports, urls, remark };
      })),
    ]);
    this.#forgetOthers();
    return new Map(found.map(({ look, ports, urls, remark }) => {
      const { process, id, own } = look;
      const usage = own.length === 0 ? NO_USAGE : {
        ports,
        urls,
        cpu_percent: shares.get(id) ?? null,
        memory_bytes: own.reduce((sum, { memory }) => sum + memory, 0),
        process_count: own.length,
      };
      return [process, { usage, remark }];
    }));
  }

  /** Who holds the port that a run which has just failed complains about; null if it does not. */
  async explainEnd(process: ManagedProcess, run: RunRecord): Promise<string | null> {
    const complaint = readComplaint(
      runDirectory(this.#core.store.directory, process.record, run),
    );
    if (complaint === null) return null;
    const [members, listeners] = await Promise.all([
      this.#core.members.look(),
      this.#core.listeners(),
    ]);
    return await explainConflict(this.#core, process, complaint, {
      listeners,
      members,
      ended: true,
    });
  }

  /** Shares of a processor by run; a run that was never asked for is looked at twice. */
  async #measure(looks: readonly Look[]): Promise<Map<string, number | null>> {
    const shares = new Map<string, number | null>();
    const now = this.#core.clock.now();
    for (const { id, own } of looks) shares.set(id, this.#cpu.measure(id, own, now));
    const unknown = looks.filter(({ id, own }) => shares.get(id) === null && own.length > 0);
    if (unknown.length === 0) return shares;
    await this.#core.clock.after(SHORTEST_MILLISECONDS);
    const pids = unknown.flatMap(({ own }) => own.map(({ pid }) => pid));
    const entries = await this.#core.table.lookup(pids);
    const later = this.#core.clock.now();
    for (const { id, own } of unknown) {
      const still = own.flatMap(({ pid, started }) => {
        const entry = entries.get(pid);
        return entry?.started === started ? [entry] : [];
      });
      shares.set(id, this.#cpu.measure(id, still, later));
    }
    return shares;
  }

  #complaint(id: string, directory: string): AddressInUse | null {
    const { stdout, stderr } = this.#core.recorder.look(directory);
    const sizes = `${stdout} ${stderr}`;
    const known = this.#complaints.get(id);
    if (known?.sizes === sizes) return known.complaint;
    const complaint = readComplaint(directory);
    this.#complaints.set(id, { sizes, complaint });
    return complaint;
  }

  #forgetOthers(): void {
    const runs = new Set(
      this.#core.registry.all().map(({ record }) => runId(record, currentRun(record))),
    );
    this.#cpu.keep(runs);
    this.#urls.keep(runs);
    for (const id of this.#complaints.keys()) if (!runs.has(id)) this.#complaints.delete(id);
  }
}

interface Look {
  process: ManagedProcess;
  run: RunRecord;
  id: string;
  /** Its members but for the keeper and what makes its terminal, which are persistproc's. */
  own: ProcessEntry[];
}

function lookAt(process: ManagedProcess, members: Members): Look {
  const { record } = process;
  const run = currentRun(record);
  const id = runId(record, run);
  return {
    process,
    run,
    id,
    own: (members.get(id) ?? []).filter((entry) => !keeps(run, entry)),
  };
}

function keeps({ group, terminal }: RunRecord, entry: ProcessEntry): boolean {
  if (terminal === undefined) return entry.pid === group;
  return entry.group === group || entry.pid === terminal;
}

function readComplaint(directory: string): AddressInUse | null {
  for (const stream of STREAMS.toReversed()) {
    const complaint = findAddressInUse(recentLines(directory, stream, COMPLAINT_LINES));
    if (complaint !== null) return complaint;
  }
  return null;
}

/** The ports of some processes, each address once, in the order of their numbers. */
function portsOf(
  own: readonly ProcessEntry[],
  run: RunRecord,
  listeners: readonly Listener[],
): ListeningPort[] {
  // The program itself first, then whoever is older: of those that share a port, one is named.
  const age = new Map(own.map(({ pid, started }) => [pid, pid === run.pid ? -1 : Number(started)]));
  const ports = new Map<string, ListeningPort>();
  for (const { address, port, pid } of listeners) {
    if (pid === null || !age.has(pid)) continue;
    const key = `${address} ${port}`;
    const known = ports.get(key);
    if (known && (age.get(known.pid) ?? 0) <= (age.get(pid) ?? 0)) continue;
    ports.set(key, { address, port, pid });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
}
