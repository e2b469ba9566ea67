/** What still runs of everything that a test started. */
import { outputOf } from "./output_of.ts";
import { until } from "./until.ts";

/** One running process. */
export interface Leftover {
  pid: number;
  parent: number;
  command: string;
}

interface Row {
  pid: number;
  parent: number;
  group: number;
  state: string;
  /** The command line, followed by the environment. */
  text: string;
}

/**
 * Finds the processes that carry the directory in their command line or environment (everything
 * started in a workspace has its home there), their process groups and their descendants. Zombies
 * do not run. See the `e` modifier in ps(1).
 *
 * @param known PIDs that were found before.
 */
export async function findLeftovers(
  directory: string,
  known: ReadonlySet<number> = new Set(),
): Promise<Leftover[]> {
  const rows = await processTable();
  // The test runner's own group holds the children of the tests, and a shell's whole pipeline.
  const own = rows.find((row) => row.pid === Deno.pid)?.group;
  const found = new Set(rows.filter((row) => row.text.includes(directory) || known.has(row.pid)));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const pids = new Set([...found].map((row) => row.pid));
    const groups = new Set([...found].map((row) => row.group).filter((group) => group !== own));
    for (const row of rows) if (groups.has(row.group) || pids.has(row.parent)) found.add(row);
  }
  return [...found]
    .filter((row) => row.pid !== Deno.pid && !row.state.startsWith("Z"))
    .map((row) => ({ pid: row.pid, parent: row.parent, command: row.text.slice(0, 160) }));
}

async function processTable(): Promise<Row[]> {
  const table = await outputOf("ps", "axeww", "-o", "pid=,ppid=,pgid=,stat=,command=");
  const rows: Row[] = [];
  for (const line of table.split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match) continue;
    const [, pid, parent, group, state = "", text = ""] = match;
    rows.push({ pid: Number(pid), parent: Number(parent), group: Number(group), state, text });
  }
  return rows;
}

/** Those of the processes that are not among these PIDs, nor started by one of them. */
export function notStartedBy(pids: Iterable<number>, processes: Leftover[]): Leftover[] {
  const family = new Set(pids);
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.filter(({ pid }) => !family.has(pid));
}

/** Kills what was found, each by its PID, and whatever comes of it meanwhile, until none runs. */
export async function killLeftovers(directory: string, found: Leftover[]): Promise<void> {
  // Once its parent is dead, a process with an empty environment is not found again: remember it.
  const known = new Set(found.map(({ pid }) => pid));
  await until(async () => {
    for (const { pid } of await findLeftovers(directory, known)) {
      known.add(pid);
      kill(pid);
    }
    return (await findLeftovers(directory, known)).length === 0;
  }, { what: `the end of everything that was started in ${directory}` });
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}
