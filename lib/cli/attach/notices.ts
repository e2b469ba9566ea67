/** What is said, each in one line, of the process that is being shown: causes and actors. */
import { shortLabel } from "../../logs/labels.ts";
import { quoteCommandLine } from "../../protocol/command_line.ts";
import type { ProcessInfo } from "../../protocol/process.ts";
import type { LocatedCtrlResult, ProcessEvent } from "../../protocol/requests.ts";

/** What runs a longer command is named by its PID, or its label: it may have been cut. */
const LONGEST_COMMAND = 60;

/** A command that starts something has to be whole. */
const LONGEST_START = 500;

/** For whoever attaches to what runs already. */
export function attachNotice({ label, pid, reason }: LocatedCtrlResult): string {
  return `${shortLabel(label)} runs already (PID ${pid}), ${reason}`;
}

/** For whoever has redirected input that does not reach the program. */
export function unreadInputNotice({ label, pid, already_running }: LocatedCtrlResult): string {
  const way = already_running ? `persistproc input ${pid}` : "--stdin -";
  return `${shortLabel(label)} does not read this input; ${way} gives it`;
}

/** For a run that follows another one; nothing is known of one that has ended, too, by now. */
export function restartNotice(event: ProcessEvent | null): string {
  if (event === null) return "restarted";
  const { by, process } = event;
  return `restarted by ${by ?? process.started_by} (PID ${process.pid})`;
}

/** For a run that cannot be shown as the one before: one of both has a terminal of its own. */
export function otherKindNotice(event: ProcessEvent): string {
  const { pid, label, working_directory, command, pty } = event.process;
  const named = label.endsWith(` in ${working_directory}`) ? [] : ["--label", label];
  const again = command.join(" ").length > LONGEST_START
    ? `persistproc output --follow ${pid}`
    : quoteCommandLine(["persistproc", "run", ...named, ...command]);
  const kind = `${pty ? "with" : "without"} a terminal of its own`;
  return `${restartNotice(event)} ${kind}; to attach to it: ${again}`;
}

/**
 * For the end of a process. When it failed: also how it is started again. Null when there is nothing
 * to tell to somebody who gets the exit status anyway.
 *
 * @param watched Somebody is looking, who gets no exit status.
 */
export function endNotice(
  { process, by, cause }: ProcessEvent,
  watched: boolean,
): string | null {
  if (by !== null) return cause;
  if (!watched) return null;
  return process.exit_code === 0 ? cause : `${cause}; again: ${restartCommand(process)}`;
}

/** The command that starts a process again, as it can be typed. */
export function restartCommand(
  process: Pick<ProcessInfo, "pid" | "label" | "command" | "working_directory">,
): string {
  const { pid, label, command, working_directory } = process;
  if (!label.endsWith(` in ${working_directory}`)) {
    // A number would be a PID, a dash an option.
    const option = /^\d+$|^-/.test(label) ? "--label " : "";
    return `persistproc restart ${option}${quoteCommandLine([label])}`;
  }
  const line = quoteCommandLine(command);
  const short = line.length <= LONGEST_COMMAND ? line : pid ?? quoteCommandLine([label]);
  return `persistproc restart ${short}`;
}
