/** The tool `ctrl`: start, stop, restart, input. */
import * as z from "zod/v4";
import { PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_GRACE_SECONDS, DEFAULT_TERMINAL_SIZE } from "../../protocol/limits.ts";
import type { Caller } from "../../protocol/process.ts";
import type { Action, CtrlRequest, LocatedCtrlResult } from "../../protocol/requests.ts";
import type { WaitRequest } from "../../protocol/wait.ts";
import { absoluteDirectory } from "./directory.ts";
import { ctrlResultSchema } from "./process_schema.ts";
import { facts } from "./result.ts";
import { advertise, parseInput, type Tool, type ToolProcesses, type ToolRequest } from "./tool.ts";
import { checkToolWait, waitFor, withProgress } from "./wait_for.ts";

const input = z.strictObject({
  action: z.enum(["start", "stop", "restart", "input"]),
  command_or_label: z.string().optional().describe(
    "start: the command line. Else a label or a command line",
  ),
  working_directory: z.string().optional().describe(
    "Absolute path. Required for start; else narrows a command",
  ),
  label: z.string().optional().describe("start: the name to give it. Else exactly that"),
  pid: z.int().min(0).optional().describe("Wins over everything else"),
  environment: z.record(z.string(), z.string()).optional().describe(
    "start: variables to add",
  ),
  force: z.boolean().optional().describe("Kill at once"),
  grace_seconds: z.number().min(0).optional().describe(
    `Seconds until it is killed; default ${DEFAULT_GRACE_SECONDS}`,
  ),
  text: z.string().optional().describe("input: the line for its stdin"),
  pty: z.boolean().optional().describe("start: in a terminal, for what asks or draws"),
  wait_for: waitFor.optional().describe(
    "start, restart: return at its end or when the first holds: a new line matches the regular " +
      "expression, it listens on the port, the loopback URL answers, no output for " +
      "quiet_seconds. Default 30 s, at most 50; 300 if your client shows progress",
  ),
});

type CtrlInput = Omit<z.output<typeof input>, "wait_for">;

export const ctrl: Tool = {
  name: "ctrl",
  title: "Start, stop, restart or write to a process",
  description:
    "Starts, stops or restarts a long-running command (dev server, watcher, database) that all " +
    "agents and terminals of this machine share; input writes to its stdin. Look with `list` " +
    "first: starting what runs already only returns it (already_running). stop and restart take " +
    "the whole process tree and return when it has ended.\n" +
    'Start: {"action":"start","command_or_label":"npm run dev","working_directory":"/home/me/shop",' +
    '"label":"shop","wait_for":{"port":"any","fail_pattern":"[Ee]rror"}}\n' +
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
  async call(raw, caller, { processes }, from) {
    const { wait_for: wait, ...given } = parseInput(input, raw);
    const request = checkRequest(given, caller);
    if (wait === undefined) {
      return facts(ctrlResultSchema.parse(await processes.ctrl(request, caller)));
    }
    checkCtrlWait(request, wait, from);
    const result = await processes.ctrl(request, caller);
    const waiting = processes.wait(result.run, wait, { from: "start", signal: from.signal });
    const waited = await withProgress(from, waiting);
    return facts(ctrlResultSchema.parse({ ...asItIsNow(result, processes), wait: waited }));
  },
};

/** Everything that is wrong with a wait is said before anything is started. */
function checkCtrlWait({ action }: CtrlRequest, wait: WaitRequest, from: ToolRequest): void {
  if (action !== "start" && action !== "restart") {
    throw new PersistprocError("invalid_request", `${action} has no wait_for.`, {
      hint: "Wait with `output` and its wait_for.",
    });
  }
  checkToolWait(wait, from);
}

/** What has become of a run while it was waited for. */
function asItIsNow(result: LocatedCtrlResult, processes: ToolProcesses): LocatedCtrlResult {
  const now = processes.location(result.process)?.process;
  if (now === undefined || now.run !== result.run || now.status === "running") return result;
  const { status, exit_code, signal, reason } = now;
  return { ...result, status, exit_code, signal, reason };
}

function checkRequest(given: CtrlInput, caller: Caller): CtrlRequest {
  // Models fill in what they leave empty.
  const { label, pty, working_directory, ...rest } = given;
  const directory = absoluteDirectory(working_directory);
  const request: CtrlRequest = {
    ...rest,
    ...directory ? { working_directory: directory } : {},
    ...label ? { label } : {},
    ...pty ? { pty: DEFAULT_TERMINAL_SIZE } : {},
  };
  checkBelongs(request);
  if (request.action !== "start") return checkTarget(request);
  // Through the stdio bridge the directory of who asks is known.
  return checkStart({
    ...request,
    working_directory: directory ?? caller.working_directory,
  });
}

/**
 * What would be left undone although somebody asked for it. The rest of what does not belong to an
 * action means nothing to it: models fill in the defaults.
 */
const BELONGS: readonly {
  name: "pty" | "environment" | "text";
  to: readonly Action[];
  hint: string;
}[] = [
  {
    name: "pty",
    to: ["start"],
    hint: "Stop it, then start it with pty. A restart keeps the terminal that it was started with.",
  },
  {
    name: "environment",
    to: ["start"],
    hint: "Stop it, then start it with environment. A restart keeps the one it was started with.",
  },
  { name: "text", to: ["input"], hint: "Start it, then send text with the action input." },
];

function checkBelongs(request: CtrlRequest): void {
  const { action } = request;
  for (const { name, to, hint } of BELONGS) {
    const given = request[name];
    const empty = typeof given === "object" ? Object.keys(given).length === 0 : !given;
    if (empty || to.includes(action)) continue;
    throw new PersistprocError(
      "invalid_request",
      `${name} is for ${to.join(" and ")}, not for ${action}.`,
      { hint },
    );
  }
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
