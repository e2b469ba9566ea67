/** Which process a request means. */
import { quoteCommandLine, splitCommandLine } from "../protocol/command_line.ts";
import { type Candidate, PersistprocError } from "../protocol/errors.ts";
import type { Target } from "../protocol/requests.ts";
import { mistakes } from "../protocol/suggest.ts";
import { candidateOf } from "./info.ts";
import { currentRun, type ProcessRecord, type RunRecord, shortCommandLine } from "./record.ts";
import { type ManagedProcess, type Registry, sameWords } from "./registry.ts";

/** Candidates that an error names at most. */
const MOST_CANDIDATES = 5;

/** A process, and which of its runs is meant. */
export interface Resolved {
  process: ManagedProcess;
  run: RunRecord;
}

/** How a target is understood. */
export interface ResolveOptions {
  /** Settles which is meant when several match by command. */
  preferredDirectory?: string;
  /** Whether an error suggests ended processes too, which is so unless it is said not to. */
  suggestsEnded?: boolean;
}

/** Whether a target names anything. */
export function namesProcess(target: Target): boolean {
  return target.pid !== undefined || target.label !== undefined ||
    target.command_or_label !== undefined || target.command !== undefined;
}

/**
 * The process that a target means: by PID (an old one names its run), else by label, else by
 * command; a running one before ended ones.
 *
 * @throws {PersistprocError} when there is none or more than one, with the candidates.
 */
export function resolveTarget(
  registry: Registry,
  target: Target,
  { preferredDirectory, suggestsEnded = true }: ResolveOptions = {},
): Resolved {
  const meant = registry.all().filter((process) =>
    suggestsEnded || process.live || process.leftBehind || process.startExpected
  );
  if (!namesProcess(target)) {
    throw new PersistprocError(
      "invalid_request",
      "One of pid, label or command_or_label must be provided.",
      { ...suggest(meant), hint: "`list` shows all processes." },
    );
  }
  if (target.pid !== undefined) return byPid(registry, target.pid, meant);
  const label = target.label ?? target.command_or_label;
  const labelled = label === undefined ? undefined : registry.byLabel(label);
  if (labelled && labelled.record.runs.length > 0) return current(labelled);
  if (target.label !== undefined) {
    throw notFound(
      `No running process found with the label "${shortCommandLine(target.label)}".`,
      meant,
      target.label,
    );
  }
  return byCommand(registry, target, meant, preferredDirectory);
}

function byPid(registry: Registry, pid: number, meant: ManagedProcess[]): Resolved {
  const found = registry.byPid(pid);
  if (!found) throw notFound(`PID ${pid} not found among the processes.`, meant, String(pid));
  return found;
}

function byCommand(
  registry: Registry,
  target: Target,
  meant: ManagedProcess[],
  preferredDirectory?: string,
): Resolved {
  const written = target.command_or_label ?? quoteCommandLine(target.command ?? []);
  const words = target.command ?? wordsOf(written);
  const shown = shortCommandLine(written);
  let matches = registry.all().filter(({ record }) => meansCommand(record, written, words));
  if (target.working_directory !== undefined) {
    matches = matches.filter(({ record }) => record.working_directory === target.working_directory);
  }
  if (matches.length === 0) {
    throw notFound(
      `No running process found for "${shown}", and no ended one.`,
      meant,
      written,
    );
  }
  const narrowings: ((process: ManagedProcess) => boolean)[] = [
    ({ record }) => record.working_directory === preferredDirectory,
    ({ live }) => live,
    // As for a start of these words; of two directories, neither is meant more than the other.
    ({ record }) => !record.label_given && matches.every(inDirectoryOf(record)),
  ];
  for (const holds of narrowings) {
    const narrowed = matches.filter(holds);
    if (narrowed.length > 0) matches = narrowed;
  }
  const [only, ...others] = matches;
  if (only && others.length === 0) return current(only);
  throw new PersistprocError(
    "ambiguous",
    `Multiple processes found for "${shown}".`,
    suggest(matches),
  );
}

function inDirectoryOf({ working_directory }: ProcessRecord) {
  return ({ record }: ManagedProcess) => record.working_directory === working_directory;
}

/** The words of a command line, for comparing; a label may hold an apostrophe. */
export function wordsOf(text: string): string[] {
  try {
    return splitCommandLine(text);
  } catch {
    return [text];
  }
}

/** Whether a process runs this command, given as written and as words. */
export function meansCommand(
  record: ProcessRecord,
  written: string,
  words: readonly string[],
): boolean {
  return record.written === written || sameWords(record.command, words);
}

function current(process: ManagedProcess): Resolved {
  return { process, run: currentRun(process.record) };
}

function notFound(message: string, meant: ManagedProcess[], written: string): PersistprocError {
  return new PersistprocError("not_found", message, suggest(meant, written));
}

/** The few that were most probably meant, what was mistyped first, and how to name one of them. */
function suggest(processes: ManagedProcess[], written?: string) {
  if (processes.length === 0) return { candidates: [], hint: "Nothing is running." };
  const ranked = processes.map((process) => {
    const candidate = candidateOf(process.record);
    return {
      candidate,
      far: written === undefined ? 0 : farFrom(written, candidate),
      ended: Number(!process.live),
    };
  });
  // Infinity minus Infinity is no number.
  ranked.sort((a, b) => (a.far === b.far ? 0 : a.far - b.far) || a.ended - b.ended);
  const candidates = ranked.slice(0, MOST_CANDIDATES).map(({ candidate }) => candidate);
  const more = ranked.length - candidates.length;
  return {
    candidates,
    hint: `${more === 0 ? "" : `And ${more} more: \`list\`. `}Name one by ${
      candidates.some(({ pid }) => pid !== null) ? "its pid or its label" : "its label"
    }.`,
  };
}

/** How many mistakes lie between what was written and the nearest name of a process. */
function farFrom(written: string, { pid, label, command }: Candidate): number {
  const names = [label, command, ...command.split(/\s+/), ...pid === null ? [] : [String(pid)]];
  return Math.min(...names.map((name) => mistakes(written, name)));
}

/** The real path of a directory; of one that does not exist, the path itself. */
export async function realPathOrSame(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return await Deno.realPath(path).catch(() => path);
}
