/** The tool `output`: what processes have printed. */
import * as z from "zod/v4";
import { type Cursor, parseCursor, type ReadPosition } from "../../logs/cursor.ts";
import { parseExpression } from "../../logs/expression.ts";
import { checkCursor, formatResult, readPage } from "../../logs/output_page.ts";
import { sizesOf } from "../../logs/run_files.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import {
  DEFAULT_OUTPUT_CHARACTERS,
  DEFAULT_OUTPUT_LINES,
  MAX_OUTPUT_CHARACTERS,
} from "../../protocol/limits.ts";
import type { OutputRun, Target } from "../../protocol/requests.ts";
import { parseTime } from "../../protocol/time.ts";
import type { WaitRequest, WaitResult } from "../../protocol/wait.ts";
import { absoluteDirectory, nothingIn } from "./directory.ts";
import { text } from "./result.ts";
import { advertise, parseInput, type Tool, type ToolProcesses, type ToolRequest } from "./tool.ts";
import { checkToolWait, describeWait, waitFor, withProgress } from "./wait_for.ts";

const input = z.strictObject({
  pid: z.int().min(0).optional(),
  command_or_label: z.string().optional(),
  working_directory: z.string().optional().describe(
    "Alone: every process of this directory, merged by time",
  ),
  stream: z.enum(["combined", "stdout", "stderr"]).default("combined"),
  lines: z.int().min(0).nullable().default(DEFAULT_OUTPUT_LINES).describe(
    "The newest this many; null for all",
  ),
  since_time: z.string().optional().describe("ISO 8601 (UTC), or a time ago such as 90s or 5m"),
  before_time: z.string().optional().describe("As since_time; exclusive"),
  since_last_start: z.boolean().default(false).describe("Only the newest run"),
  cursor: z.string().optional().describe(
    "From an earlier output: only what came since, oldest first",
  ),
  grep: z.string().optional().describe("Only lines that match this regular expression"),
  context_lines: z.int().min(0).max(100).default(0).describe("Lines around each match"),
  wait_for: waitFor.optional().describe("First wait, as wait_for of ctrl"),
  timestamps: z.boolean().default(false).describe("In front of every line"),
  max_characters: z.int().min(1).max(MAX_OUTPUT_CHARACTERS).default(DEFAULT_OUTPUT_CHARACTERS),
});

type OutputInput = z.output<typeof input>;

/**
 * Bytes to read at most for a character to show: of lines that are mostly escape sequences, or all
 * equal, little is left. More would make every other caller wait for what nobody gets to see.
 */
const BYTES_PER_CHARACTER = 16;

export const output: Tool = {
  name: "output",
  title: "Read what processes printed",
  description:
    "Shows the newest lines that a process printed, running or ended, stdout and stderr merged " +
    "by time, without escape sequences. Without a target: every process. The last line says what " +
    "was left out and names a cursor. To see what an edit did, pass the cursor from before it and " +
    "wait_for. To find errors, grep.\n" +
    'Example: {"command_or_label":"shop","cursor":"AbC","wait_for":{"quiet_seconds":1}}',
  inputSchema: advertise(input, "input"),
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  async call(raw, _caller, { processes, server }, from) {
    const given = parseInput(input, raw);
    const request = { ...given, working_directory: absoluteDirectory(given.working_directory) };
    if (request.pid === 0) {
      throw new PersistprocError("invalid_request", "PID 0 is the persistproc server itself.", {
        hint: `Its log is the file ${server.logPath}.`,
      });
    }
    const { stream, lines, timestamps, max_characters: maxCharacters, grep } = request;
    const now = Date.now();
    const times = {
      since: request.since_time === undefined ? null : parseTime(request.since_time, now),
      before: request.before_time === undefined ? null : parseTime(request.before_time, now),
    };
    // Models fill in what they leave empty.
    const cursor = request.cursor ? parseCursor(request.cursor) : null;
    if (grep !== undefined) parseExpression(grep, "grep");
    const { wait_for: wait } = request;
    if (wait !== undefined) checkToolWait(wait, from);

    const runs = await findRuns(request, cursor, processes);
    const waited = wait && await waitFirst(runs, wait, { cursor, processes, from });
    const result = await readPage({
      // A run may have begun meanwhile.
      runs: waited ? await findRuns(request, cursor, processes) : runs,
      all: !named(request) && cursor === null,
      stream,
      lines,
      ...times,
      sinceLastStart: request.since_last_start,
      grep,
      contextLines: request.context_lines,
      cursor,
      from: waited && times.since === null ? waited.from : undefined,
      maxBytes: maxCharacters * BYTES_PER_CHARACTER,
      signal: from.signal,
    });
    const shown = formatResult(result, { timestamps, maxCharacters });
    const { working_directory: directory } = request;
    const nothing = runs.length === 0 && directory !== undefined;
    const body = nothing ? await nothingIn(directory, processes) : shown.text.body;
    const footer = waited ? `${shown.footer}, ${describeWait(waited.result)}` : shown.footer;
    return text(body ? `${body}\n${footer}` : footer);
  },
};

function named({ pid, command_or_label }: OutputInput): boolean {
  return pid !== undefined || Boolean(command_or_label);
}

function targetOf({ pid, command_or_label, working_directory }: OutputInput): Target {
  return { pid, command_or_label: command_or_label || undefined, working_directory };
}

async function findRuns(
  request: OutputInput,
  cursor: Cursor | null,
  processes: ToolProcesses,
): Promise<OutputRun[]> {
  const target = targetOf(request);
  const everywhere = target.working_directory === undefined;
  if (cursor === null) return await processes.history(target, everywhere);
  let runs: OutputRun[];
  if (named(request)) {
    const [run] = await processes.history(target, everywhere);
    // A cursor goes on across restarts, also when the PID that is named is that of an old run.
    runs = run === undefined ? [] : processes.historyOf([run.process]);
  } else if (cursor.all) runs = await processes.history(target, everywhere);
  else runs = processes.historyOf(cursor.positions.map(({ process }) => process));
  checkCursor(cursor, runs, named(request));
  return runs;
}

/** Waits for the newest run; resolves with what came of it and from where on output is new. */
async function waitFirst(
  runs: readonly OutputRun[],
  wait: WaitRequest,
  { cursor, processes, from }: {
    cursor: Cursor | null;
    processes: ToolProcesses;
    from: ToolRequest;
  },
): Promise<{ result: WaitResult; from: ReadPosition[] }> {
  const run = runs.at(-1);
  if (run === undefined || runs.some(({ process }) => process !== run.process)) {
    throw new PersistprocError(
      "invalid_request",
      run === undefined ? "There is no process to wait for." : "wait_for is for one process.",
      { hint: "Name it by pid or command_or_label; `list` shows what there is." },
    );
  }
  const now = sizesOf(run.run_directory);
  const position = cursor?.positions.find(({ process }) => process === run.process);
  // Of a run that began behind the cursor, everything is new.
  const begin = position === undefined
    ? now
    : position.run === run.run
    ? { stdout: position.stdout, stderr: position.stderr }
    : { stdout: 0, stderr: 0 };
  const waiting = processes.wait(`${run.process}-${run.run}`, wait, {
    from: begin,
    signal: from.signal,
    tail: false,
  });
  const result = await withProgress(from, waiting);
  return { result, from: [{ process: run.process, run: run.run, ...begin }] };
}
