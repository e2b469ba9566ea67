/** Starting a process, or returning the one that runs already. */
import { isAbsolute, join } from "@std/path";
import { needsShell, wordsToRun } from "../protocol/command_line.ts";
import { PersistprocError } from "../protocol/errors.ts";
import type { Caller, EnvironmentSource, StdinSource } from "../protocol/process.ts";
import type { CtrlRequest } from "../protocol/requests.ts";
import { checkCommand, checkDirectory, checkStdinFile } from "../system/programs.ts";
import { requireScript } from "../system/script.ts";
import { addedVariables } from "./added_variables.ts";
import { beginRun, refuseCancelled, settle } from "./begin_run.ts";
import { checkCapacity } from "./capacity.ts";
import type { Core } from "./core.ts";
import { checkLabel } from "./label.ts";
import { currentRun, type ProcessRecord } from "./record.ts";
import type { Identity, ManagedProcess } from "./registry.ts";
import { stopProcess } from "./stop.ts";
import { terminalVariables } from "./terminal_variables.ts";

/** What a start came to. */
export interface StartOutcome {
  process: ManagedProcess;
  /** It ran already; nothing was started. */
  alreadyRunning: boolean;
  environmentSource: EnvironmentSource;
  /** The environment that was given is not the one it runs with. */
  environmentDiffers: boolean;
  /** It was to have a terminal, and runs without. */
  terminalMissing: boolean;
}

/** The name under which a person at a terminal calls. */
const PERSON = "terminal";

/**
 * Ensures that a process runs. Two callers at one instant get the same process.
 *
 * @throws {PersistprocError} when it cannot be started; nothing is listed that never was to be.
 */
export async function startProcess(
  core: Core,
  request: CtrlRequest,
  caller: Caller,
): Promise<StartOutcome> {
  const identity = await identify(request, caller);
  const stdin = await checkStdin(request.stdin ?? { kind: "open" }, caller);
  if (request.pty !== undefined) checkTerminal(stdin);
  const given = caller.environment;
  const known = core.registry.find(identity);
  if (!known?.live || request.fresh) {
    // Checked before anything is claimed: a start that cannot work leaves no trace.
    const [base] = environmentFor(core, known?.record, given);
    await checkCommand(
      identity.command,
      { ...base, ...request.environment },
      identity.workingDirectory,
    );
  }
  checkCapacity(core, core.registry.find(identity));
  const process = core.registry.claim(identity, (label) => newRecord(identity, label, stdin));
  return await process.enqueueStart(async (cancelledBy) => {
    const { record } = process;
    if (process.stopping !== null) await process.stopping.done;
    if (process.live && request.fresh) {
      await stopProcess(core, process, { by: caller.name, restarting: true });
    }
    if (process.live) {
      return {
        process,
        alreadyRunning: true,
        environmentSource: record.environment_source,
        environmentDiffers: given !== undefined &&
          differs(record.environment, { ...given, ...request.environment }),
        terminalMissing: request.pty !== undefined && record.pty === undefined,
      };
    }
    refuseCancelled(process, cancelledBy());
    const [base, source] = environmentFor(core, record, given);
    record.environment = { ...base, ...request.environment };
    record.pty = request.pty;
    record.added_environment = record.pty === undefined
      ? addedVariables(record.environment, caller.terminal)
      : terminalVariables(record.environment, { byPerson: caller.name === PERSON });
    if (caller.name === PERSON && given) record.person_environment = record.environment;
    record.environment_source = source;
    if (!sameStdin(record.stdin, stdin)) await core.store.removeInput(record.stdin);
    record.stdin = stdin;
    record.written = identity.written;
    try {
      await beginRun(core, process, caller.name);
    } catch (error) {
      if (record.runs.length === 0) core.registry.delete(process);
      throw error;
    }
    return {
      process,
      alreadyRunning: false,
      environmentSource: source,
      environmentDiffers: false,
      terminalMissing: false,
    };
  }, () => settle(core, process));
}

function sameStdin(a: StdinSource, b: StdinSource): boolean {
  return a.kind === b.kind && (a.kind !== "file" || b.kind !== "file" || a.path === b.path);
}

function environmentFor(
  core: Core,
  record: ProcessRecord | undefined,
  given: Record<string, string> | undefined,
): [Record<string, string>, EnvironmentSource] {
  if (given !== undefined) return [given, "caller"];
  if (record?.person_environment) return [record.person_environment, "last_start"];
  return [{ ...core.environment }, "server"];
}

// These differ between two terminals of one person and mean nothing to a program.
const VOLATILE = new RegExp(
  `^(_|PWD|OLDPWD|SHLVL|LINES|COLUMNS|WINDOWID|STY|WINDOW|TMUX(_PANE)?|WEZTERM_PANE` +
    `|(TERM|SHELL|ITERM)_SESSION_ID|KITTY_(PID|WINDOW_ID)|GNOME_TERMINAL_SCREEN` +
    `|SSH_.*|PERSISTPROC_.*)$`,
);

function differs(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].some((name) => a[name] !== b[name] && !VOLATILE.test(name));
}

async function identify(request: CtrlRequest, caller: Caller): Promise<Identity> {
  const { command, written } = commandOf(request);
  const label = request.label?.trim() ? checkLabel(request.label) : null;
  const workingDirectory = await realDirectory(request.working_directory, caller);
  return { command, written, workingDirectory, label };
}

function commandOf(request: CtrlRequest): Pick<Identity, "command" | "written"> {
  if (request.command !== undefined) return { command: request.command, written: null };
  const line = request.command_or_label;
  if (line === undefined) {
    throw new PersistprocError("invalid_request", "To start, command_or_label must be provided.", {
      hint: 'Give the command line, for example "npm run dev".',
    });
  }
  return { command: wordsToRun(line), written: needsShell(line) ? line : null };
}

/**
 * The real path of the directory to start in; a relative one is taken from the caller's.
 *
 * @throws {PersistprocError} when there is none.
 */
async function realDirectory(asked: string | undefined, caller: Caller): Promise<string> {
  const base = caller.working_directory;
  const path = asked ?? base;
  if (path === undefined || path === "") {
    throw new PersistprocError("invalid_request", "To start, working_directory must be provided.", {
      hint: "Give the absolute path of the project's directory.",
    });
  }
  if (!isAbsolute(path) && base === undefined) {
    throw new PersistprocError(
      "invalid_request",
      `working_directory must be an absolute path; "${path}" is relative to nothing known.`,
    );
  }
  const absolute = isAbsolute(path) ? path : join(base ?? "/", path);
  await checkDirectory(absolute);
  return await Deno.realPath(absolute);
}

async function checkStdin(stdin: StdinSource, caller: Caller): Promise<StdinSource> {
  if (stdin.kind !== "file") return stdin;
  const path = isAbsolute(stdin.path)
    ? stdin.path
    : join(caller.working_directory ?? "/", stdin.path);
  await checkStdinFile(path);
  return { kind: "file", path };
}

function checkTerminal(stdin: StdinSource): void {
  if (stdin.kind !== "open") {
    throw new PersistprocError("invalid_request", "With a terminal, that is what it reads.", {
      hint: "Leave out --pty, or the --stdin that is not open.",
    });
  }
  requireScript();
}

function newRecord(identity: Identity, label: string, stdin: StdinSource): ProcessRecord {
  return {
    format: 1,
    id: crypto.randomUUID().slice(0, 8),
    label,
    label_given: identity.label !== null,
    command: identity.command,
    written: identity.written,
    working_directory: identity.workingDirectory,
    environment: {},
    environment_source: "server",
    person_environment: null,
    stdin,
    restarts: 0,
    runs: [],
  };
}

/** The facts that a start adds to the reason of the process, when there is something to say. */
export function startRemark(outcome: StartOutcome): string {
  const { reason } = currentRun(outcome.process.record);
  const otherwise = [
    outcome.terminalMissing ? "without a terminal" : [],
    outcome.environmentDiffers ? "with another environment than the one given now" : [],
  ].flat();
  if (otherwise.length === 0) return reason;
  return `${reason}; it runs ${otherwise.join(" and ")}: restart it with --fresh to change that`;
}
