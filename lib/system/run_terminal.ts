/** The terminal that a run's program has. */
import { join } from "@std/path";
import type { TerminalSize } from "../protocol/process.ts";
import { readTextIfThere } from "./files.ts";
import { parseStat } from "./proc_table.ts";

/** A terminal that was made for a run. */
export interface RunTerminal {
  /** Its process group and session: the PID of the shell that leads them. */
  session: number;
  /** Its path, such as `/dev/pts/3`. */
  device: string;
  /** The PID of the keeper; 0 where `/proc` does not tell. */
  keeper: number;
}

/** Reads the file `terminal` of a run; null when its program has none. */
export async function readTerminal(runDirectory: string): Promise<RunTerminal | null> {
  const text = await readTextIfThere(join(runDirectory, "terminal")) ?? "";
  const match = /^(\d+)\n(\/.*)\n/.exec(text);
  if (!match) return null;
  const [whole, session, device = ""] = match;
  // `script` is in the group that the keeper leads.
  const [script] = parseStat(text.slice(whole.length));
  return { session: Number(session), device, keeper: script?.group ?? 0 };
}

/**
 * Sets the size of a terminal; the programs in its foreground get SIGWINCH when it is another one
 * than before. A terminal that is gone has none.
 */
export async function setTerminalSize(device: string, size: TerminalSize): Promise<void> {
  const { columns, rows } = size;
  await new Deno.Command("stty", {
    args: [
      Deno.build.os === "linux" ? "-F" : "-f",
      device,
      "rows",
      `${rows}`,
      "cols",
      `${columns}`,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}
