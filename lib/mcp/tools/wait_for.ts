/** Waiting within a tool call: its parameters, its limits and its signs of life. */
import * as z from "zod/v4";
import { parseExpression } from "../../logs/expression.ts";
import { printable } from "../../protocol/printable.ts";
import {
  checkWait,
  MAX_WAIT_SECONDS,
  MAX_WAIT_SECONDS_WITH_PROGRESS,
  PROGRESS_SECONDS,
  type WaitRequest,
  type WaitResult,
} from "../../protocol/wait.ts";
import type { ToolRequest } from "./tool.ts";

/** The parameter `wait_for`; what its fields mean is told once, in its own description. */
export const waitFor = z.strictObject({
  pattern: z.string().optional(),
  fail_pattern: z.string().optional(),
  port: z.union([z.int().min(1).max(65_535), z.literal("any")]).optional(),
  http: z.string().optional(),
  quiet_seconds: z.number().optional(),
  exit: z.boolean().optional(),
  timeout_seconds: z.number().optional(),
}) satisfies z.ZodType<WaitRequest>;

/** What came of a wait. */
export const waitResultSchema = z.object({
  outcome: z.enum([
    "pattern",
    "fail_pattern",
    "port",
    "http",
    "quiet",
    "exited",
    "stopped",
    "timeout",
  ]),
  line: z.string().nullable(),
  elapsed_seconds: z.number(),
  output: z.string(),
}) satisfies z.ZodType<WaitResult>;

/**
 * Checks a wait, its expressions included, before anything is done for it.
 *
 * @param most The longest timeout in seconds; Infinity for none.
 * @throws {PersistprocError} `invalid_request`.
 */
export function checkWholeWait(wait: WaitRequest, most: number): void {
  checkWait(wait, { most });
  for (const name of ["pattern", "fail_pattern"] as const) {
    if (wait[name] !== undefined) parseExpression(wait[name], name);
  }
}

/** The same for a call of a tool, which may take longer where it shows progress. */
export function checkToolWait(wait: WaitRequest, { progress }: ToolRequest): void {
  checkWholeWait(wait, progress === null ? MAX_WAIT_SECONDS : MAX_WAIT_SECONDS_WITH_PROGRESS);
}

/** Gives signs of life to who asked for them until `waiting` has settled. */
export async function withProgress<T>(
  { progress }: Pick<ToolRequest, "progress">,
  waiting: Promise<T>,
  options: { seconds?: number } = {},
): Promise<T> {
  if (progress === null) return await waiting;
  const { seconds = PROGRESS_SECONDS } = options;
  let passed = 0;
  const timer = setInterval(() => {
    passed += seconds;
    progress(passed, `waiting for ${passed} s`);
  }, seconds * 1_000);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
  }
}

/** The outcome of a wait as a fact for the last line of an output. */
export function describeWait({ outcome, line, elapsed_seconds }: WaitResult): string {
  const what = line === null ? "" : `: ${printable(line)}`;
  return `waited ${elapsed_seconds} s, outcome ${outcome}${what}`;
}
