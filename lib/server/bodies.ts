/** The bodies of `/api`, checked before anything acts on them. */
import * as z from "zod/v4";
import { describeIssues } from "../mcp/issues.ts";
import { waitFor } from "../mcp/tools/wait_for.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { Caller, StdinSource } from "../protocol/process.ts";
import type { CtrlRequest, ListRequest, Target } from "../protocol/requests.ts";

const pid = z.int().min(0);
const environment = z.record(z.string(), z.string());

const target = {
  pid: pid.optional(),
  command_or_label: z.string().optional(),
  label: z.string().optional(),
  command: z.array(z.string()).min(1).optional(),
  working_directory: z.string().optional(),
};

const stdin = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("open") }),
  z.strictObject({ kind: z.literal("null") }),
  z.strictObject({ kind: z.literal("file"), path: z.string() }),
]) satisfies z.ZodType<StdinSource>;

const ctrlRequest = z.strictObject({
  ...target,
  action: z.enum(["start", "stop", "restart", "input"]),
  environment: environment.optional(),
  force: z.boolean().optional(),
  grace_seconds: z.number().min(0).optional(),
  stdin: stdin.optional(),
  pty: z.strictObject({ columns: z.int().min(1), rows: z.int().min(1) }).optional(),
  fresh: z.boolean().optional(),
  text: z.string().optional(),
  data: z.base64().optional(),
}) satisfies z.ZodType<CtrlRequest>;

const caller = z.strictObject({
  name: z.string(),
  environment: environment.optional(),
  working_directory: z.string().optional(),
  terminal: z.strictObject({ columns: z.int().min(0) }).optional(),
}) satisfies z.ZodType<Caller>;

/** The body of `POST /api/ctrl`. */
export const ctrlBody = z.strictObject({ request: ctrlRequest, caller });

/** The body of `POST /api/mcp`: a message, and who asks; the name is in a header. */
export const bridgeBody = z.strictObject({
  message: z.unknown(),
  caller: caller.omit({ name: true, terminal: true }),
});

/** The body of `POST /api/list`. */
export const listBody = z.strictObject({
  pid: pid.optional(),
  command_or_label: z.string().optional(),
  working_directory: z.string().optional(),
  running_only: z.boolean().optional(),
}) satisfies z.ZodType<ListRequest>;

/** The body of `POST /api/runs`. */
export const runsBody = z.strictObject({
  target: z.strictObject(target) satisfies z.ZodType<Target>,
  all: z.boolean(),
  /** The history of these processes instead, by their ids. */
  processes: z.array(z.string()).optional(),
});

const logSizes = z.strictObject({ stdout: z.int().min(0), stderr: z.int().min(0) });

/** The body of `POST /api/wait`. */
export const waitBody = z.strictObject({
  /** The id of the run. */
  run: z.string(),
  request: waitFor,
  from: z.union([z.enum(["start", "now"]), logSizes]),
});

/** The body of `POST /api/token`. */
export const emptyBody = z.strictObject({});

/** The body of `POST /api/shutdown`. */
export const shutdownBody = z.strictObject({ keep: z.boolean() });

/**
 * The value of a JSON body.
 *
 * @throws {PersistprocError} `invalid_request`, naming each field that is wrong.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new PersistprocError("invalid_request", "The body is not JSON.");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PersistprocError("invalid_request", describeIssues(parsed.error.issues, value));
}
