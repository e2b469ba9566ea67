/** The tool `output`: what processes have printed. */
import * as z from "zod/v4";
import { readOutput } from "../../logs/output.ts";
import { formatFooter, formatPage } from "../../logs/page.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import {
  DEFAULT_OUTPUT_CHARACTERS,
  DEFAULT_OUTPUT_LINES,
  MAX_OUTPUT_CHARACTERS,
} from "../../protocol/limits.ts";
import type { Target } from "../../protocol/requests.ts";
import { parseTime } from "../../protocol/time.ts";
import { text } from "./result.ts";
import { advertise, parseInput, type Tool } from "./tool.ts";

const input = z.strictObject({
  pid: z.int().min(0).optional(),
  command_or_label: z.string().optional().describe("A label, else a command line"),
  working_directory: z.string().optional().describe(
    "Alone: every process of this directory, merged by time",
  ),
  stream: z.enum(["combined", "stdout", "stderr"]).default("combined"),
  lines: z.int().min(0).nullable().default(DEFAULT_OUTPUT_LINES).describe(
    "The newest this many; null for all",
  ),
  since_time: z.string().optional().describe("ISO 8601 (UTC), or a time ago such as 90s or 5m"),
  before_time: z.string().optional().describe("As since_time; exclusive"),
  timestamps: z.boolean().default(false).describe("Put the time in front of every line"),
  max_characters: z.int().min(1).max(MAX_OUTPUT_CHARACTERS).default(DEFAULT_OUTPUT_CHARACTERS),
});

type OutputInput = z.output<typeof input>;

export const output: Tool = {
  name: "output",
  title: "Read what processes printed",
  description:
    "Shows the newest lines that a process printed, running or ended, stdout and stderr merged " +
    "by time, as clean text without escape sequences. Without a target: every process. The last " +
    "line says what was left out and how to get it.\n" +
    'Example: {"command_or_label":"shop","lines":50,"since_time":"5m"}',
  inputSchema: advertise(input, "input"),
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  async call(raw, _caller, { processes, server }) {
    const request = parseInput(input, raw);
    if (request.pid === 0) {
      throw new PersistprocError("invalid_request", "PID 0 is the persistproc server itself.", {
        hint: `Its log is the file ${server.logPath}.`,
      });
    }
    const now = Date.now();
    const since = request.since_time === undefined ? null : parseTime(request.since_time, now);
    const before = request.before_time === undefined ? null : parseTime(request.before_time, now);
    const target = targetOf(request);
    const runs = await processes.runs(target, target.working_directory === undefined);
    const sources = runs.map(({ label, run_directory }) => ({
      label,
      runDirectory: run_directory,
    }));
    const { stream, lines, timestamps, max_characters: maxCharacters } = request;
    const page = readOutput(sources, { stream, lines, since, before });
    const shown = formatPage(page, { timestamps, maxCharacters });
    const footer = formatFooter(page, shown);
    return text(shown.body ? `${shown.body}\n${footer}` : footer);
  },
};

function targetOf({ pid, command_or_label, working_directory }: OutputInput): Target {
  return { pid, command_or_label, working_directory };
}
