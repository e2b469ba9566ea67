/** Starting a run under its keeper, and reading what the keeper wrote. */
import { join } from "@std/path";
import { PersistprocError } from "../protocol/errors.ts";
import { ensurePrivateDirectory, readTextIfThere } from "../system/files.ts";
import { signalName } from "../system/signal_names.ts";
import { parseStat } from "../system/process_table.ts";
import { systemSignals } from "../system/signals.ts";
import { innerScript, KEEPER_SCRIPT } from "./keeper_script.ts";
import { chooseKeeperShell, systemShells } from "./keeper_shell.ts";

/** What a run needs to be started. */
export interface RunPlan {
  /** An existing, empty directory. */
  runDirectory: string;
  /** The program and its arguments. */
  command: readonly string[];
  workingDirectory: string;
  /** Exactly what the program gets. */
  environment: Readonly<Record<string, string>>;
  /** The file it reads; null for a FIFO that never ends. */
  stdin: string | null;
}

/** The program of a run, as the system knows it. */
export interface RunIdentity {
  /** PID of the program. */
  pid: number;
  /** Its process group and session: the keeper's PID. */
  group: number;
  /** When the kernel started it; see `ProcessEntry.started`. Empty where `/proc` does not tell. */
  started: string;
}

/** A run that was started. */
export interface StartedRun extends RunIdentity {
  /** Resolves when the keeper has ended, and so has the program. */
  ended: Promise<void>;
}

/** How a program ended. */
export interface ProgramEnd {
  code: number | null;
  signal: string | null;
  /** The program never ran: what the shell said of it. */
  unstarted: string | null;
}

/** Starts runs; the supervisor takes it as an argument. */
export type Spawner = (plan: RunPlan) => Promise<StartedRun>;

/** Files of a run that must exist, readable by this user only, before the shell opens them. */
const RUN_FILES: readonly string[] = ["stdout.log", "stderr.log", "pid", "exit", "keeper"];

/** This file says that `env` stands before the program. */
const BEHIND_ENV = "behind-env";

/**
 * Starts a run. Resolves when the program's PID is known, which is before its first instruction.
 *
 * @throws {PersistprocError} `spawn_failed` when the system could not start it.
 */
export const spawnUnderKeeper: Spawner = async (plan) => {
  await ensurePrivateDirectory(join(plan.runDirectory, "input"));
  const [program = ""] = plan.command;
  const shell = chooseKeeperShell(program, plan.environment, systemShells());
  for (const name of shell.prefix.length > 0 ? [...RUN_FILES, BEHIND_ENV] : RUN_FILES) {
    const file = join(plan.runDirectory, name);
    await Deno.writeTextFile(file, "", { mode: 0o600, createNew: true });
  }
  const options = shell.bash ? ["-p"] : [];
  const child = spawn(shell.path, {
    args: [
      ...options,
      "-c",
      KEEPER_SCRIPT,
      "persistproc-keeper",
      plan.runDirectory,
      plan.stdin ?? "",
      shell.path,
      shell.bash ? "-p" : "",
      innerScript(shell.bash),
      ...shell.prefix,
      ...plan.command,
    ],
    cwd: plan.workingDirectory,
    clearEnv: true,
    env: shell.environment,
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  const ended = child.status.then(
    () => {},
    // A real-time signal has no name in Deno, which then rejects; the keeper has ended all the same.
    () => {},
  );
  await firstByte(child.stdout);
  const identity = await readIdentity(plan.runDirectory);
  if (identity === null) {
    if (!await endsSoon(ended)) {
      // It runs and nobody could find it again.
      systemSignals.group(child.pid, "SIGKILL");
      throw new PersistprocError("storage", "The program's PID could not be written down.", {
        hint: `See whether the disk is full: ${plan.runDirectory}`,
      });
    }
    throw new PersistprocError(
      "spawn_failed",
      `The program could not be started: ${await keeperWords(plan.runDirectory)}`,
    );
  }
  return { ...identity, group: child.pid, ended };
};

function spawn(path: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return new Deno.Command(path, options).spawn();
  } catch (error) {
    throw new PersistprocError(
      "spawn_failed",
      `The program could not be started: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Whether a keeper that has no program ends, as it should. */
async function endsSoon(ended: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), 1_000));
  const soon = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return soon;
}

async function firstByte(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
}

/** Reads the file `pid` of a run; null when the program was never about to run. */
export async function readIdentity(runDirectory: string): Promise<RunIdentity | null> {
  const text = await readTextIfThere(join(runDirectory, "pid")) ?? "";
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || !text.includes("\n")) return null;
  const [entry] = parseStat(text.slice(text.indexOf("\n") + 1));
  return { pid, group: entry?.group ?? 0, started: entry?.started ?? "" };
}

/** Reads the file `exit` of a run; null while the keeper has not written it. */
export async function readProgramEnd(runDirectory: string): Promise<ProgramEnd | null> {
  const text = await readTextIfThere(join(runDirectory, "exit")) ?? "";
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
  return /^(\/usr\/bin\/)?env: /.test(
    await readTextIfThere(join(runDirectory, "stderr.log")) ?? "",
  );
}

/** What the inner shell said of a program that it could not execute; its words leave the log. */
async function takeShellWords(runDirectory: string): Promise<string> {
  const path = join(runDirectory, "stderr.log");
  const words = (await readTextIfThere(path) ?? "").trim();
  await Deno.truncate(path, 0);
  return lastClause(words) || "the system refused to execute it";
}

async function keeperWords(runDirectory: string): Promise<string> {
  const words = (await readTextIfThere(join(runDirectory, "keeper")) ?? "").trim();
  return lastClause(words) || "its keeper ended at once";
}

// "sh: 1: exec: ./x: Exec format error": only the last part is about the program.
function lastClause(words: string): string {
  const line = words.split("\n").at(-1) ?? "";
  return line.split(": ").at(-1) ?? "";
}
