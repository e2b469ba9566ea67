/** Whether the data directory can be written, by this user only. */
import { dirname, join } from "@std/path";
import { shellWord } from "../../agents/agent.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import { checkDataDirectory } from "../../system/data_directory.ts";
import { dataPaths } from "../../system/paths.ts";
import { livingProgramsOf } from "../../system/run_identity.ts";
import { type Check, fine, type Surroundings } from "./check.ts";

const CHECK = "data directory";
const OTHERS = 0o077;

/** Looks at the data directory, and makes none. */
export async function checkData(surroundings: Surroundings): Promise<Check[]> {
  const { dataDirectory } = surroundings.settings;
  const word = shellWord(dataDirectory);
  const broken = (finding: string, advice: string): Check[] => [
    { check: CHECK, state: "broken", finding: `${dataDirectory} ${finding}`, advice },
  ];
  const info = await statOf(dataDirectory);
  const refused = await refusal(dataDirectory);
  if (info === null) {
    if (refused !== null) return [refused];
    const parent = await nearestThere(dataDirectory);
    return await isWritable(parent, surroundings)
      ? [fine(CHECK, `${dataDirectory} is not there yet; the first start makes it.`)]
      : broken(
        `cannot be made: ${parent} is no directory that can be written.`,
        `Make it by hand, or choose another one: --data-dir, PERSISTPROC_DATA_DIR`,
      );
  }
  if (!info.isDirectory) {
    return broken("is not a directory.", "Choose another one: --data-dir, PERSISTPROC_DATA_DIR");
  }
  if (!await isWritable(dataDirectory, surroundings)) {
    return broken("may not be written.", `sudo chown -R "$(id -un)" ${word}; chmod 700 ${word}`);
  }
  if (refused !== null) return [refused];
  return [await privacy(dataDirectory, info), ...await damage(dataDirectory)];
}

/** Why every command refuses the data directory; null when none does. */
async function refusal(dataDirectory: string): Promise<Check | null> {
  try {
    await checkDataDirectory(dataDirectory);
    return null;
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    return { check: CHECK, state: "broken", finding: error.message, advice: error.hint ?? null };
  }
}

/** Who has the token is taken for us, and beside it lie environments with whatever is in them. */
async function privacy(directory: string, { mode }: Deno.FileInfo): Promise<Check> {
  const open = ((mode ?? 0) & OTHERS) !== 0;
  const token = await statOf(dataPaths(directory).token);
  const shared = open && ((token?.mode ?? 0) & OTHERS) !== 0;
  if (!open) return fine(CHECK, `${directory}: yours, and nobody else's to read.`);
  const octal = ((mode ?? 0) & 0o777).toString(8);
  return {
    check: CHECK,
    state: shared ? "broken" : "warning",
    finding: shared
      ? `Others can read the token in ${directory}, and so control your processes.`
      : `Others can look into ${directory} (mode ${octal}).`,
    advice: `${shared ? "persistproc shutdown --keep; " : ""}chmod -R go= ${shellWord(directory)}`,
  };
}

async function damage(directory: string): Promise<Check[]> {
  const { damaged } = dataPaths(directory);
  const kept = await Array.fromAsync(Deno.readDir(damaged)).catch(() => []);
  if (kept.length === 0) return [];
  const pids = (await Promise.all(kept.map(({ name }) => livingProgramsOf(join(damaged, name)))))
    .flat();
  const finding = `${kept.length} could not be read and were put aside, in ${damaged}.`;
  return [{
    check: "damaged files",
    state: "warning",
    finding: pids.length === 0
      ? finding
      : `${finding} Programs that write there run on: PID ${pids.join(", ")}.`,
    advice: pids.length === 0
      ? `Look at them, then: rm -r ${shellWord(damaged)}`
      : `End what runs on, which no server knows: kill ${pids.join(" ")}`,
  }];
}

/** What is known of a file or directory; null when it is not there, or may not be seen. */
export async function statOf(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch {
    return null;
  }
}

/** The path itself, or the nearest one above it that is there. */
export async function nearestThere(path: string): Promise<string> {
  if (await statOf(path) !== null || dirname(path) === path) return path;
  return await nearestThere(dirname(path));
}

/** Whether it is a directory in which files can be made (access(2): not only the mode decides). */
export async function isWritable(path: string, { ask }: Surroundings): Promise<boolean> {
  const script = '[ -d "$1" ] && [ -w "$1" ] && [ -x "$1" ] && echo yes';
  return (await ask("/bin/sh", ["-c", script, "sh", path]))?.trim() === "yes";
}
