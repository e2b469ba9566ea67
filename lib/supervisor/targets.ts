/** Which process a request means. */
import { quoteCommandLine, splitCommandLine } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { Target } from "../protocol/requests.ts";
import { candidateOf } from "./info.ts";
import { currentRun, type ProcessRecord, type RunRecord } from "./record.ts";
import { type ManagedProcess, type Registry, sameWords } from "./registry.ts";

/** Candidates that an error names at most. */
const MOST_CANDIDATES = 10;

/** A process, and which of its runs is meant. */
export interface Resolved {
  process: ManagedProcess;
  run: RunRecord;
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
 * @param preferredDirectory Settles which is meant when several match by command.
 * @throws {PersistprocError} when there is none or more than one, with the candidates.
 */
export function resolveTarget(
  registry: Registry,
  target: Target,
  preferredDirectory?: string,
): Resolved {
  if (!namesProcess(target)) {
    throw new PersistprocError(
      "invalid_request",
      "One of pid, label or command_or_label must be provided.",
      { hint: "`list` shows all processes.", candidates: candidates(registry.all()) },
    );
  }
  if (target.pid !== undefined) return byPid(registry, target.pid);
  const label = target.label ?? target.command_or_label;
  const labelled = label === undefined ? undefined : registry.byLabel(label);
  if (labelled && labelled.record.runs.length > 0) return current(labelled);
  if (target.label !== undefined) {
    throw notFound(registry, `No running process found with the label "${target.label}".`);
  }
  return byCommand(registry, target, preferredDirectory);
}

function byPid(registry: Registry, pid: number): Resolved {
  const found = registry.byPid(pid);
  if (!found) throw notFound(registry, `PID ${pid} not found among the processes.`);
  return found;
}

function byCommand(registry: Registry, target: Target, preferredDirectory?: string): Resolved {
  const written = target.command_or_label ?? quoteCommandLine(target.command ?? []);
  const words = target.command ?? wordsOf(written);
  let matches = registry.all().filter(({ record }) => meansCommand(record, written, words));
  if (target.working_directory !== undefined) {
    matches = matches.filter(({ record }) => record.working_directory === target.working_directory);
  }
  if (matches.length === 0) {
    throw notFound(registry, `No running process found for "${written}", and no ended one.`);
  }
  const narrowings: ((process: ManagedProcess) => boolean)[] = [
    ({ record }) => record.working_directory === preferredDirectory,
    ({ live }) => live,
  ];
  for (const holds of narrowings) {
    const narrowed = matches.filter(holds);
    if (narrowed.length > 0) matches = narrowed;
  }
  const [only, ...others] = matches;
  if (only && others.length === 0) return current(only);
  throw new PersistprocError("ambiguous", `Multiple processes found for "${written}".`, {
    candidates: candidates(matches),
    hint: "Name one of them by its pid or its label.",
  });
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

function candidates(processes: ManagedProcess[]) {
  return processes.toSorted((a, b) => Number(b.live) - Number(a.live))
    .slice(0, MOST_CANDIDATES).map(({ record }) => candidateOf(record));
}

function notFound(registry: Registry, message: string): PersistprocError {
  const known = candidates(registry.all());
  return new PersistprocError("not_found", message, {
    candidates: known,
    hint: known.length === 0
      ? "No process has been started yet."
      : "Name one of these by its pid or its label.",
  });
}

/** The real path of a directory; of one that does not exist, the path itself. */
export async function realPathOrSame(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return await Deno.realPath(path).catch(() => path);
}
