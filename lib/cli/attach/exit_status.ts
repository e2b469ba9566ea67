/** The exit status that a viewer hands on. */
import { join } from "@std/path";
import { EXIT_FILE } from "../../logs/run_files.ts";
import type { ProcessInfo } from "../../protocol/process.ts";
import { readTextIfThere } from "../../system/files.ts";
import { signalNumber } from "../../system/signal_names.ts";

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
