/** What a word of a command line may become. */
import { AGENTS } from "../../agents/index.ts";
import { printable } from "../../protocol/printable.ts";
import type { ProcessInfo } from "../../protocol/process.ts";
import { optionNamed, type OptionSpec } from "../options.ts";
import { COMMANDS } from "../table.ts";
import type { Position } from "./position.ts";

/** One word, complete, and what it means. */
export interface Candidate {
  value: string;
  description: string;
}

/** What a shell is to offer. */
export interface Completion {
  candidates: Candidate[];
  /**
   * Whose completion is to be asked as well: that of the program at this index of the words, or the
   * shell's own of directories or files.
   */
  also: { program: number } | "directories" | "files" | null;
}

/** The processes to choose from, asked for only where they are wanted. */
export type AskProcesses = () => Promise<readonly ProcessInfo[]>;

/** What the last of the words may become; the others stand before it. */
export async function complete(
  words: readonly string[],
  word: string,
  position: Position,
  processes: AskProcesses,
): Promise<Completion> {
  const { valueOf, operands, options, from } = position;
  if (valueOf) return await valuesOf(valueOf, processes);
  if (word.startsWith("-") && options.length > 0) {
    const [name = "", value] = word.split("=", 2);
    const spec = value === undefined ? undefined : optionNamed(name, options);
    if (!spec) return only(options.map(({ name, help }) => candidate(`--${name}`, help)));
    const { candidates, also } = await valuesOf(spec, processes);
    const whole = candidates.map((one) => ({ ...one, value: `${name}=${one.value}` }));
    return { candidates: whole, also };
  }
  // All programs that there are would bury the commands.
  const nothingTyped = from === words.length && word === "";
  const program = nothingTyped ? null : { program: from };
  switch (operands) {
    case null:
      return position.command === null
        ? { candidates: commands(), also: program }
        : only(position.command.actions.map((action) => candidate(action)));
    case "program":
      return { candidates: [], also: program };
    case "target":
    case "optional target":
      return only(
        from === words.length
          ? targets(await processes(), wantsRunning(position))
          : nextWords(await processes(), words.slice(from)),
      );
    case "optional agent":
      return only(from === words.length ? agents() : []);
    case "shell":
      return only(position.command?.actions.map((shell) => candidate(shell)) ?? []);
    case "action":
    case "none":
      return only([]);
  }
}

function only(candidates: Candidate[]): Completion {
  return { candidates, also: null };
}

function candidate(value: string, description = ""): Candidate {
  return { value, description: printable(description) };
}

function commands(): Candidate[] {
  return COMMANDS.map(({ name, summary }) => candidate(name, summary));
}

function agents(): Candidate[] {
  return AGENTS.map(({ id, name }) => candidate(id, name));
}

async function valuesOf(option: OptionSpec, processes: AskProcesses): Promise<Completion> {
  const words = [...option.choices ?? [], ...option.words ?? []].map((word) => candidate(word));
  if (option.kind === "path") return { candidates: words, also: "directories" };
  switch (option.completes) {
    case "labels":
      return only((await processes()).flatMap(labelOf));
    case "pids":
      return only((await processes()).flatMap(pidOf));
    case "agents":
      return only(agents());
    case "files":
      return { candidates: words, also: "files" };
    case undefined:
      return only(words);
  }
}

/** Whether only what runs can be meant. */
function wantsRunning({ command, action }: Position): boolean {
  return ["stop", "input", "wait"].includes(action ?? command?.name ?? "");
}

function targets(processes: readonly ProcessInfo[], onlyRunning: boolean): Candidate[] {
  const meant = processes.filter(({ status }) => !onlyRunning || isRunning(status));
  return [...meant.flatMap(labelOf), ...meant.flatMap(pidOf)];
}

function isRunning(status: ProcessInfo["status"]): boolean {
  return status === "running" || status === "stopping";
}

function labelOf({ label, pid, status }: ProcessInfo): Candidate[] {
  return candidateNamed(label, pid === null ? status : `${status}, PID ${pid}`);
}

function pidOf({ label, pid, status }: ProcessInfo): Candidate[] {
  return pid === null ? [] : candidateNamed(String(pid), `${label} (${status})`);
}

/** Nothing for a name that no shell, and no terminal, should be given. */
function candidateNamed(value: string, description: string): Candidate[] {
  return value === "" || printable(value) !== value ? [] : [candidate(value, description)];
}

/** How the commands of processes go on that begin with these words. */
function nextWords(processes: readonly ProcessInfo[], words: readonly string[]): Candidate[] {
  const next = processes.filter(({ command }) =>
    words.every((word, i) => command[i] === word) && command.length > words.length
  ).map(({ command, label }) => [command[words.length] ?? "", label] as const)
    // Of a word that was cut, the rest is not known.
    .filter(([word]) => !word.endsWith("…"));
  return [...new Map(next)].flatMap(([word, label]) => candidateNamed(word, label));
}
