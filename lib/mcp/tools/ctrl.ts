/** The tool `ctrl`: start, stop, restart. */
import { isAbsolute } from "@std/path";
import * as z from "zod/v4";
import { PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_GRACE_SECONDS } from "../../protocol/limits.ts";
import type { CtrlRequest } from "../../protocol/requests.ts";
import { ctrlResultSchema } from "./process_schema.ts";
import { facts } from "./result.ts";
import { advertise, parseInput, type Tool } from "./tool.ts";

const input = z.strictObject({
  action: z.enum(["start", "stop", "restart"]),
  command_or_label: z.string().optional().describe(
    "start: the command line, such as `npm run dev`. stop, restart: a label, else a command line",
  ),
  working_directory: z.string().optional().describe(
    "Absolute path. Required for start; for stop and restart it narrows a command",
  ),
  label: z.string().optional().describe("start: the name to give it. stop, restart: exactly that"),
  pid: z.int().min(0).optional().describe("stop, restart: which one; wins over everything else"),
  environment: z.record(z.string(), z.string()).optional().describe(
    "Variables to add to its environment",
  ),
  force: z.boolean().optional().describe("Kill at once"),
  grace_seconds: z.number().min(0).optional().describe(
    `Time to end before it is killed; default ${DEFAULT_GRACE_SECONDS}`,
  ),
});

type CtrlInput = z.output<typeof input>;

export const ctrl: Tool = {
  name: "ctrl",
  title: "Start, stop or restart a process",
  description:
    "Starts, stops or restarts a long-running command (dev server, watcher, database) that all " +
    "agents and terminals of this machine share. Look with `list` first. Starting what runs " +
    "already starts nothing and returns it (already_running). stop and restart take the whole " +
    "process tree and return when it has ended. Read what it prints with `output`.\n" +
    'Start: {"action":"start","command_or_label":"npm run dev","working_directory":"/home/me/shop",' +
    '"label":"shop"}\n' +
    'Restart: {"action":"restart","label":"shop"}',
  inputSchema: advertise(input, "input"),
  outputSchema: advertise(ctrlResultSchema, "output"),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  // Whoever asked may leave meanwhile: a stop that is half done would be worse than either.
  async call(raw, caller, { processes }) {
    const request = checkRequest(parseInput(input, raw));
    return facts(ctrlResultSchema.parse(await processes.ctrl(request, caller)));
  },
};

function checkRequest(given: CtrlInput): CtrlRequest {
  // Models fill in what they leave empty.
  const { label, ...rest } = given;
  const request: CtrlRequest = label ? { ...rest, label } : rest;
  if (request.working_directory !== undefined && !isAbsolute(request.working_directory)) {
    throw new PersistprocError("invalid_request", "working_directory must be an absolute path.", {
      hint: "The server does not know your current directory.",
    });
  }
  return request.action === "start" ? checkStart(request) : checkTarget(request);
}

function checkStart({ pid: _, ...request }: CtrlRequest): CtrlRequest {
  const missing = [
    request.command_or_label ? [] : "command_or_label (the command line)",
    request.working_directory ? [] : "working_directory (an absolute path)",
  ].flat();
  if (missing.length === 0) return request;
  throw new PersistprocError(
    "invalid_request",
    `${missing.join(" and ")} must be provided: required for start.`,
  );
}

function checkTarget(request: CtrlRequest): CtrlRequest {
  if (request.pid === 0) {
    throw new PersistprocError("invalid_request", "PID 0 is the persistproc server itself.", {
      hint: "Only a person ends it, with `persistproc shutdown`.",
    });
  }
  if (request.pid !== undefined || request.label || request.command_or_label) return request;
  throw new PersistprocError(
    "invalid_request",
    `One of pid, label and command_or_label must be provided to ${request.action} a process.`,
    { hint: "Call `list` to see what there is." },
  );
}
