/** Whether anything goes on without a server. */
import { join } from "@std/path";
import { dataPaths } from "../system/paths.ts";
import { livingPrograms } from "../system/run_identity.ts";
import { recordedStatus } from "./attach/exit_status.ts";

/**
 * Whether a data directory holds a run whose program still runs. Where its keeper was killed with it,
 * nothing but the system can tell that it does not.
 */
export async function holdsUnendedRuns(dataDirectory: string): Promise<boolean> {
  const { processes } = dataPaths(dataDirectory);
  const unended: string[] = [];
  for (const process of await names(processes)) {
    const runs = (await names(join(processes, process))).filter((name) => /^\d+$/.test(name));
    const last = runs.reduce((a, b) => Number(b) > Number(a) ? b : a, runs[0] ?? "");
    const directory = join(processes, process, last);
    if (last && await recordedStatus(directory) === null) unended.push(directory);
  }
  return (await livingPrograms(unended)).size > 0;
}

async function names(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map((entry) => entry.name);
  } catch {
    return [];
  }
}
