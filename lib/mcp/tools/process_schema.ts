/** What `list` and `ctrl` return, as schemas, and cut to exactly that. */
import * as z from "zod/v4";
import type { ProcessInfo } from "../../protocol/process.ts";
import type { CtrlResult } from "../../protocol/requests.ts";

const status = z.enum(["running", "stopping", "exited", "failed"]);
const count = z.int().min(0);

/** One process. */
export const processSchema = z.object({
  pid: z.int().nullable(),
  label: z.string(),
  command: z.array(z.string()),
  working_directory: z.string(),
  status,
  reason: z.string(),
  started_by: z.string(),
  start_time: z.string(),
  end_time: z.string().nullable(),
  uptime_seconds: z.number(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  restarts: count,
  log_stdout: z.string(),
  log_stderr: z.string(),
}) satisfies z.ZodType<ProcessInfo>;

/** The answer of `ctrl`. */
export const ctrlResultSchema = z.object({
  action: z.enum(["start", "stop", "restart"]),
  pid: z.int().nullable(),
  label: z.string(),
  status,
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  reason: z.string(),
  previous_pid: z.int().nullable(),
  already_running: z.boolean(),
  environment_source: z.enum(["caller", "last_start", "server"]).nullable(),
  survivors: z.array(z.object({ pid: z.int(), command: z.string(), why: z.string() })),
  log_stdout: z.string(),
  log_stderr: z.string(),
}) satisfies z.ZodType<CtrlResult>;
