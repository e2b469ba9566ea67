/** The program of a run as the system knows it, and whether it still is there. */
import { join } from "@std/path";
import { readTextIfThere } from "./files.ts";
import { parseStat } from "./proc_table.ts";
import { type ProcessTable, systemProcessTable } from "./process_table.ts";
import { readTerminal } from "./run_terminal.ts";
import { systemSignals } from "./signals.ts";

/** The program of a run, as the system knows it. */
export interface RunIdentity {
  /** PID of the program. */
  pid: number;
  /** The keeper's PID: its process group and session, and the program's unless it has a terminal. */
  group: number;
  /** The process group and session of the program's terminal; null when it has none. */
  terminal: number | null;
  /** When the kernel started it; see `ProcessEntry.started`. Empty where `/proc` does not tell. */
  started: string;
}

/** Reads the file `pid` of a run; null when the program was never about to run. */
export async function readIdentity(runDirectory: string): Promise<RunIdentity | null> {
  const text = await readTextIfThere(join(runDirectory, "pid")) ?? "";
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || !text.includes("\n")) return null;
  const [entry] = parseStat(text.slice(text.indexOf("\n") + 1));
  const terminal = await readTerminal(runDirectory);
  return {
    pid,
    group: (terminal === null ? entry?.group : terminal.keeper) ?? 0,
    terminal: terminal?.session ?? null,
    started: entry?.started ?? "",
  };
}

/**
 * The PIDs of those programs that still run, by the directories of their runs. A PID that names
 * another process by now does not count, as far as the system tells when a process started.
 */
export async function livingPrograms(
  runDirectories: readonly string[],
  table: Pick<ProcessTable, "lookup"> = systemProcessTable(),
): Promise<Map<string, number>> {
  const living = new Map<string, number>();
  const identities = new Map<string, RunIdentity>();
  for (const directory of runDirectories) {
    const identity = await readIdentity(directory).catch(() => null);
    // Most are told from what is gone without asking another program.
    if (identity !== null && systemSignals.exists(identity.pid)) {
      identities.set(directory, identity);
    }
  }
  const entries = await table.lookup(Array.from(identities.values(), ({ pid }) => pid));
  for (const [directory, { pid, started }] of identities) {
    const entry = entries.get(pid);
    if (entry === undefined || entry.zombie) continue;
    if (started === "" || entry.started === started) living.set(directory, pid);
  }
  return living;
}

/** The PIDs of all programs of a process that still run, found by its directory alone. */
export async function livingProgramsOf(processDirectory: string): Promise<number[]> {
  const entries = await Array.fromAsync(Deno.readDir(processDirectory)).catch(() => []);
  const runs = entries.filter(({ name }) => /^\d+$/.test(name));
  const living = await livingPrograms(runs.map(({ name }) => join(processDirectory, name)));
  return [...living.values()];
}
