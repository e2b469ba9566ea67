/** Starting a program: what `run` and `start` have in common. */
import { wordsToRun } from "../protocol/command_line.ts";
import type { CtrlRequest, LocatedCtrlResult } from "../protocol/requests.ts";
import type { Client } from "./client.ts";
import { connect } from "./connect.ts";
import { startingCaller } from "./context.ts";
import type { Invocation } from "./parse.ts";
import type { Settings } from "./settings.ts";
import { dropCopy, stdinSource } from "./stdin_source.ts";
import { programTarget } from "./target.ts";
import { terminalSize } from "./terminal/size.ts";

/** What was started, or ran already, and the server that has it. */
export interface StartedProgram {
  client: Client;
  started: LocatedCtrlResult;
}

/**
 * Starts the program that the operands name, with the options that `run` and `start` share; and the
 * server, if there is none and `--no-autostart` is not given.
 *
 * @param onSending Called right before the server is asked: from then on the program may run.
 * @throws {UsageError} when the operands or `--stdin` make no sense.
 * @throws {PersistprocError} when it cannot be started.
 */
export async function startProgram(
  invocation: Invocation,
  settings: Settings,
  request: Partial<CtrlRequest>,
  onSending: () => Promise<void> = async () => {},
): Promise<StartedProgram> {
  const { options, operands } = invocation;
  const target = programTarget(operands);
  const text = options.text("stdin");
  const stdin = text === undefined ? undefined : await stdinSource(text, settings);
  let read = false;
  try {
    const start = {
      action: "start",
      ...target,
      label: options.text("label"),
      working_directory: settings.directory,
      stdin,
      pty: options.flag("pty") ? terminalSize() : undefined,
      ...request,
    } as const;
    const autostart = options.flag("no-autostart") ? "never" : "always";
    const client = await connect(settings, autostart, () => checkStart(start, settings));
    await onSending();
    const started = await client.ctrl(start, startingCaller(settings));
    read = !started.already_running;
    return { client, started };
  } finally {
    if (!read) await dropCopy(stdin, settings);
  }
}

/** Looks as the server will whether the program can be started: a typo needs no server. */
async function checkStart(
  { command, command_or_label, environment, working_directory }: CtrlRequest,
  settings: Settings,
): Promise<void> {
  const { checkCommand } = await import("../system/programs.ts");
  await checkCommand(
    command ?? wordsToRun(command_or_label ?? ""),
    { ...settings.environment, ...environment },
    working_directory ?? settings.directory,
  );
}
