/** What `list` and `ctrl` return, as schemas, and cut to exactly that. */
import * as z from "zod/v4";
import type { ListedProcess } from "../../protocol/process.ts";
import type { CtrlResult } from "../../protocol/requests.ts";
import { waitResultSchema } from "./wait_for.ts";

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
  pty: z.literal(true).optional(),
  ports: z.array(z.object({ address: z.string(), port: count, pid: z.int() })),
  urls: z.array(z.string()),
  cpu_percent: z.number().nullable(),
  memory_bytes: z.int().nullable(),
  process_count: count,
  error_lines: count,
  log_stdout: z.string(),
  log_stderr: z.string(),
}) satisfies z.ZodType<ListedProcess>;

/** The answer of `ctrl`. */
export const ctrlResultSchema = z.object({
  action: z.enum(["start", "stop", "restart", "input"]),
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
  wait: waitResultSchema.optional(),
}) satisfies z.ZodType<CtrlResult>;
