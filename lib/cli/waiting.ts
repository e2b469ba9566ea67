/** The wait options: what they ask for, and what comes of it. */
import { PersistprocError } from "../protocol/errors.ts";
import { printable } from "../protocol/printable.ts";
import type { LocatedCtrlResult } from "../protocol/requests.ts";
import { checkWait, type WaitRequest, type WaitResult } from "../protocol/wait.ts";
import type { Client } from "./client.ts";
import { printResult } from "./terminal/write.ts";
import { UsageError } from "./usage_error.ts";
import { type OptionValues, readPort } from "./values.ts";
import { WAITS } from "./wait_options.ts";

/**
 * What the options ask to wait for; null when they do not.
 *
 * @throws {UsageError} for what cannot be waited for, before anything is done.
 */
export function waitRequest(options: OptionValues): WaitRequest | null {
  if (!WAITS.some(({ name }) => options.has(name))) return null;
  const request: WaitRequest = {
    pattern: options.text("wait-pattern"),
    fail_pattern: options.text("wait-fail-pattern"),
    port: waitPort(options.text("wait-port")),
    http: options.text("wait-http"),
    quiet_seconds: options.number("wait-quiet"),
    exit: options.flag("wait-exit") || undefined,
    timeout_seconds: options.number("wait-timeout"),
  };
  try {
    checkWait(request, { most: Infinity, nameOf: optionOf });
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    throw new UsageError(error.message, "persistproc wait --help");
  }
  return request;
}

/** The option for a part of the request. */
function optionOf(part: keyof WaitRequest): string {
  return `--wait-${part.replace("_seconds", "").replace("_", "-")}`;
}

function waitPort(text: string | undefined): number | "any" | undefined {
  if (text === undefined || text === "any") return text;
  const port = readPort(text);
  if (port !== null) return port;
  throw new UsageError(
    `--wait-port must be 1 to 65535 or any, not ${JSON.stringify(text)}.`,
    "persistproc wait --wait-port any LABEL",
  );
}

/** The exit status for a wait: 0 when what was waited for came. */
export function waitStatus(request: WaitRequest, { outcome }: WaitResult): number {
  const wanted = outcome === "pattern" || outcome === "port" || outcome === "http" ||
    outcome === "quiet" || (outcome === "exited" && request.exit === true);
  return wanted ? 0 : 1;
}

/** The outcome of a wait in one line, after the output that came when it failed. */
export function formatWait(request: WaitRequest, result: WaitResult): string {
  const { outcome, line, elapsed_seconds: elapsed, output } = result;
  const tail = waitStatus(request, result) === 0 || output === "" ? "" : `${output}\n`;
  return `${tail}Waited ${elapsed} s: ${outcome}${line === null ? "" : `: ${printable(line)}`}\n`;
}

/** What a wait after a start came to; nothing when none was asked for. */
export async function waitForStart(
  client: Client,
  started: LocatedCtrlResult,
  request: WaitRequest | null,
): Promise<{ fact: { wait?: WaitResult }; status: number; tell: () => Promise<void> }> {
  if (request === null) return { fact: {}, status: 0, tell: () => Promise.resolve() };
  const wait = await client.wait(started.run, request, "start");
  return {
    fact: { wait },
    status: waitStatus(request, wait),
    tell: () => printResult(formatWait(request, wait)),
  };
}
