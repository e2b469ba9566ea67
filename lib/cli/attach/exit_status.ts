/** The exit status that a viewer hands on. */
import { join } from "@std/path";
import { EXIT_FILE } from "../../logs/run_files.ts";
import type { ProcessInfo, RunLocation } from "../../protocol/process.ts";
import { systemSignals } from "../../system/signals.ts";
import { readTextIfThere } from "../../system/files.ts";
import { signalNumber } from "../../system/signal_names.ts";

/** What a shell reports for a program that SIGKILL ended: only that leaves no status behind. */
const KILLED = 128 + 9;

/** How often, and how many milliseconds apart, it is looked for what a keeper is about to write. */
const MOST_LOOKS = 10;
const LOOK_MS = 20;

/** The status a shell would give: the program's own, or 128 + n for signal n; 1 when unknown. */
export function exitStatus(process: Pick<ProcessInfo, "exit_code" | "signal">): number {
  if (process.exit_code !== null) return process.exit_code;
  if (process.signal === null) return 1;
  const number = signalNumber(process.signal);
  return number === null ? 1 : 128 + number;
}

/** The status that the keeper of a run has written down; null while there is none. */
export async function recordedStatus(runDirectory: string): Promise<number | null> {
  const text = await readTextIfThere(join(runDirectory, EXIT_FILE)).catch(() => null);
  const code = /^(\d+)( [a-z]+)?\n/.exec(text ?? "")?.[1];
  return code === undefined ? null : Number(code);
}

/** The exit status of a run that has ended while nobody but its files can tell; null if it runs. */
export async function statusWithoutServer(
  run: Pick<ProcessInfo, "pid"> & Pick<RunLocation, "run_directory">,
): Promise<number | null> {
  const recorded = await recordedStatus(run.run_directory);
  if (recorded !== null || run.pid === null || systemSignals.exists(run.pid)) return recorded;
  // Its keeper has seen its end before we did, and writes it down in the next moment.
  for (let looks = 1; looks <= MOST_LOOKS; looks++) {
    const late = await recordedStatus(run.run_directory);
    if (late !== null) return late;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return KILLED;
}
