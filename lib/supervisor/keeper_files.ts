/** What the keeper of a run has written down of its program's end. */
import { join } from "@std/path";
import { EXIT_FILE } from "../logs/run_files.ts";
import { openPrivateFileSync, readTextIfThere } from "../system/files.ts";
import { readTerminal } from "../system/run_terminal.ts";
import { signalName } from "../system/signal_names.ts";

/** How a program ended. */
export interface ProgramEnd {
  code: number | null;
  signal: string | null;
  /** The program never ran: what the shell said of it. */
  unstarted: string | null;
}

/** This file says that `env` stands before the program. */
export const BEHIND_ENV = "behind-env";

/** Reads the file `exit` of a run; null while the keeper has not written it. */
export async function readProgramEnd(runDirectory: string): Promise<ProgramEnd | null> {
  const text = await readTextIfThere(join(runDirectory, EXIT_FILE)) ?? "";
  const match = /^(\d+)( signal| unstarted)?\n/.exec(text);
  if (!match) return null;
  const code = Number(match[1]);
  if (match[2] === " unstarted" || await refusedByEnv(runDirectory, code)) {
    return { code: null, signal: null, unstarted: await takeShellWords(runDirectory) };
  }
  const signal = signalName(code - 128);
  // No shell reports SIGINT or SIGPIPE, and a program that exits with these codes means them.
  const bySignal = match[2] === " signal" || code === 130 || code === 141;
  return bySignal && signal !== null
    ? { code: null, signal, unstarted: null }
    : { code, signal: null, unstarted: null };
}

/** Whether the program was not executed by the `env` in front of it, which says so by its status. */
async function refusedByEnv(runDirectory: string, code: number): Promise<boolean> {
  if (code !== 126 && code !== 127) return false;
  if (await readTextIfThere(join(runDirectory, BEHIND_ENV)) === null) return false;
  const path = await shellLog(runDirectory);
  const { size } = await Deno.stat(path);
  return size <= MOST_WORDS && /^(\/usr\/bin\/)?env: /.test(await readTextIfThere(path) ?? "");
}

/** What the inner shell said of a program that it could not execute; its words leave the log. */
async function takeShellWords(runDirectory: string): Promise<string> {
  const path = await shellLog(runDirectory);
  const words = (await readTextIfThere(path) ?? "").trim();
  using file = openPrivateFileSync(path, { create: false });
  file.truncateSync(0);
  return lastClause(words) || "the system refused to execute it";
}

/** Bytes that a shell's complaint may have: a name in it is no longer than an argument. */
const MOST_WORDS = 256 * 1024;

/** Where a shell complains that is about to become the program: a terminal has one stream only. */
async function shellLog(runDirectory: string): Promise<string> {
  const terminal = await readTerminal(runDirectory);
  return join(runDirectory, terminal === null ? "stderr.log" : "stdout.log");
}

/** Why a keeper came to no program, in its own words. */
export async function keeperWords(runDirectory: string): Promise<string> {
  const said = async (name: string) =>
    (await readTextIfThere(join(runDirectory, name)) ?? "").trim();
  const script = (await said("script")).replace(/^script: /, "");
  return script || lastClause(await said("keeper")) || "its keeper ended at once";
}

// "sh: 1: exec: ./x: Exec format error": only the last part is about the program.
function lastClause(words: string): string {
  const line = words.split("\n").at(-1) ?? "";
  return line.split(": ").at(-1) ?? "";
}
