/** Starting a run under its keeper. */
import { join } from "@std/path";
import { EXIT_FILE } from "../logs/run_files.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { TerminalSize } from "../protocol/process.ts";
import { ensurePrivateDirectory } from "../system/files.ts";
import { readIdentity, type RunIdentity } from "../system/run_identity.ts";
import { requireScript, scriptCommand } from "../system/script.ts";
import { chooseShell, type Shell, systemShells } from "../system/shells.ts";
import { systemSignals } from "../system/signals.ts";
import { within } from "../system/within.ts";
import { BEHIND_ENV, keeperWords } from "./keeper_files.ts";
import { innerScript, KEEPER_SCRIPT, NO_STATUS } from "./keeper_script.ts";
import { TERMINAL_KEEPER_SCRIPT, terminalScript } from "./terminal_script.ts";

/** Milliseconds in which a keeper ends that has no program. */
const END_MS = 1_000;

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
  /** The size of the terminal that it gets, which is then its stdin; null for none. */
  terminal: TerminalSize | null;
}

/** A run that was started. */
export interface StartedRun extends RunIdentity {
  /** Resolves when the keeper has ended, and so has the program. */
  ended: Promise<void>;
}

/** Starts runs; the supervisor takes it as an argument. */
export type Spawner = (plan: RunPlan) => Promise<StartedRun>;

/** Files of a run that must exist, readable by this user only, before the shell opens them. */
const RUN_FILES: readonly string[] = [
  "stdout.log",
  "stderr.log",
  "pid",
  "keeper",
  "unstarted",
];
const TERMINAL_FILES: readonly string[] = ["terminal", "script"];

/** This file is what {@linkcode terminalScript} says. */
const TERMINAL_SCRIPT = "on-terminal";

/**
 * Starts a run. Resolves when the program's PID is known, which is before its first instruction.
 *
 * @throws {PersistprocError} `spawn_failed` when the system could not start it.
 */
export const spawnUnderKeeper: Spawner = async (plan) => {
  await ensurePrivateDirectory(join(plan.runDirectory, "input"));
  const [program = ""] = plan.command;
  const shell = chooseShell(program, plan.environment, systemShells(), {
    terminal: plan.terminal !== null,
  });
  const files = [
    ...RUN_FILES,
    ...shell.prefix.length > 0 ? [BEHIND_ENV] : [],
    ...plan.terminal === null ? [] : TERMINAL_FILES,
  ];
  for (const name of files) await createFile(plan, name, "");
  await createFile(plan, EXIT_FILE, NO_STATUS);
  if (plan.terminal !== null) await createFile(plan, "status", NO_STATUS);
  const [script, ...parameters] = plan.terminal === null
    ? filesKeeper(plan, shell)
    : await terminalKeeper(plan, shell, plan.terminal);
  const child = spawn(shell.path, {
    args: [...shell.options, "-c", script, "persistproc-keeper", plan.runDirectory, ...parameters],
    cwd: plan.workingDirectory,
    clearEnv: true,
    env: plan.terminal === null ? shell.environment : { ...shell.environment, SHELL: shell.path },
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
    if (!await within(ended.then(() => true), END_MS)) {
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

/** The script of the keeper, and its parameters behind the run's directory. */
type KeeperWords = [script: string, ...parameters: string[]];

function filesKeeper(plan: RunPlan, shell: Shell): KeeperWords {
  return [
    KEEPER_SCRIPT,
    plan.stdin ?? "",
    shell.path,
    shell.options[0] ?? "",
    innerScript(shell.kind),
    ...shell.prefix,
    ...plan.command,
  ];
}

async function terminalKeeper(
  plan: RunPlan,
  shell: Shell,
  size: TerminalSize,
): Promise<KeeperWords> {
  const words = [shell.path, ...shell.options];
  const path = await createFile(plan, TERMINAL_SCRIPT, terminalScript({ ...plan, shell, size }));
  return [TERMINAL_KEEPER_SCRIPT, ...scriptCommand(requireScript(), words, path)];
}

async function createFile(plan: RunPlan, name: string, text: string): Promise<string> {
  const path = join(plan.runDirectory, name);
  await Deno.writeTextFile(path, text, { mode: 0o600, createNew: true });
  return path;
}

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

async function firstByte(stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
}
