/**
 * Which processes belong to a run. Each sign alone has holes (a daemon leaves group and session, a
 * server overwrites its environment, an orphan has no parent), so they are united.
 */
import type { ProcessEntry, ProcessTable } from "../system/process_table.ts";
import { sharedLook } from "../system/shared_look.ts";

/** What is known of a run whose members are looked for. */
export interface RunSigns {
  /** The run's id: what its processes carry as `PERSISTPROC_RUN`. */
  run: string;
  /** Its process group and session; null when it never had one. */
  group: number | null;
  /** The process group and session of its terminal, when it has one. */
  terminal?: number;
  /** Its program while it runs, and its members at the last look, by PID. */
  known: ReadonlyMap<number, Pick<ProcessEntry, "started">>;
}

/** The living members of each run, by the run's id. */
export type Members = ReadonlyMap<string, ProcessEntry[]>;

/**
 * The living members of each run: its group, its session, who carries its mark, who was a member
 * before, and the descendants of all these. Nobody is a member of two runs, and the server is a
 * member of none.
 *
 * A group or session counts only when somebody in it is certainly of the run: the kernel gives the
 * number of a group that is gone to another one.
 */
export function membersByRun(
  entries: readonly ProcessEntry[],
  marks: ReadonlyMap<number, string>,
  runs: readonly RunSigns[],
  server: number,
): Members {
  const living = entries.filter((entry) => !entry.zombie && entry.pid !== server);
  const owners = new Map<number, string>();
  const claim = (entry: ProcessEntry, run: string) => {
    if (!owners.has(entry.pid)) owners.set(entry.pid, run);
  };
  const ids = new Set(runs.map(({ run }) => run));
  for (const entry of living) {
    const mark = marks.get(entry.pid);
    if (mark !== undefined && ids.has(mark)) claim(entry, mark);
  }
  const byPid = new Map(living.map((entry) => [entry.pid, entry]));
  for (const { run, known } of runs) {
    for (const [pid, { started }] of known) {
      const entry = byPid.get(pid);
      if (entry?.started === started) claim(entry, run);
    }
  }
  const led = runs.flatMap(({ run, group, terminal }) =>
    [group, terminal].flatMap((leader) => typeof leader === "number" ? { run, leader } : [])
  );
  const byGroup = Map.groupBy(living, ({ group }) => group);
  const bySession = Map.groupBy(living, ({ session }) => session);
  for (const { run, leader } of led) {
    const together = [...byGroup.get(leader) ?? [], ...bySession.get(leader) ?? []];
    if (!together.some((entry) => owners.get(entry.pid) === run)) continue;
    for (const entry of together) claim(entry, run);
  }
  claimDescendants(living, marks, owners, server);
  const members = new Map<string, ProcessEntry[]>(runs.map(({ run }) => [run, []]));
  for (const entry of living) members.get(owners.get(entry.pid) ?? "")?.push(entry);
  return members;
}

/** Children follow their parents, unless they carry the mark of another run. */
function claimDescendants(
  living: readonly ProcessEntry[],
  marks: ReadonlyMap<number, string>,
  owners: Map<number, string>,
  server: number,
): void {
  const children = Map.groupBy(living, (entry) => entry.parent);
  const unvisited = living.filter((entry) => owners.has(entry.pid));
  for (let parent = unvisited.pop(); parent !== undefined; parent = unvisited.pop()) {
    const owner = owners.get(parent.pid);
    if (owner === undefined) continue;
    for (const child of children.get(parent.pid) ?? []) {
      if (owners.has(child.pid) || child.pid === server) continue;
      if ((marks.get(child.pid) ?? owner) !== owner) continue;
      owners.set(child.pid, owner);
      unvisited.push(child);
    }
  }
}

/**
 * Looks for the members of all runs at once. Looks that are asked for while one is under way share
 * the next one, so that stopping 200 processes reads the process table a few times and not 600.
 */
export class MemberScanner {
  readonly #table: ProcessTable;
  readonly #runs: () => RunSigns[];
  readonly #seen: (members: Members) => void;
  readonly #shared = sharedLook(() => this.#look());

  constructor(
    table: ProcessTable,
    options: { runs: () => RunSigns[]; seen: (members: Members) => void },
  ) {
    this.#table = table;
    this.#runs = options.runs;
    this.#seen = options.seen;
  }

  /** The members of all runs, as they are at some moment after this call. */
  look(): Promise<Members> {
    return this.#shared();
  }

  async #look(): Promise<Members> {
    const { entries, marks } = await this.#table.scan();
    const members = membersByRun(entries, marks, this.#runs(), Deno.pid);
    this.#seen(members);
    return members;
  }
}
