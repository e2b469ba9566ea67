/** The results of start, stop, restart and shutdown as text. */
import { dirname } from "@std/path";
import { readDropped } from "../../logs/dropped.ts";
import { printable } from "../../protocol/printable.ts";
import type { Stream } from "../../protocol/process.ts";
import type { CtrlResult, ShutdownResult, Survivor } from "../../protocol/requests.ts";

/** The facts that `format` needs; what is missing is left out. */
export type CtrlFacts = Partial<CtrlResult>;

function lines(...parts: (string | null | undefined | false)[]): string {
  return parts.flatMap((part) => part ? `${printable(part)}\n` : []).join("");
}

/** After `start`. */
export function formatStart(facts: CtrlFacts): string {
  // Only what ran before can have lost something.
  const hint = (path: string, stream: Stream) =>
    facts.already_running && readDropped(dirname(path))[stream] > 0
      ? " (its beginning is gone: search it with grep -a)"
      : "";
  const verb = facts.already_running ? "Already running" : "Started process";
  const text = lines(
    facts.pid != null && `${verb} with PID: ${facts.pid}`,
    facts.label && `Label: ${facts.label}`,
    facts.log_stdout && `Stdout log: ${facts.log_stdout}${hint(facts.log_stdout, "stdout")}`,
    facts.log_stderr && `Stderr log: ${facts.log_stderr}${hint(facts.log_stderr, "stderr")}`,
  );
  return text || lines("Process started successfully");
}

/** After `stop`. */
export function formatStop(facts: CtrlFacts): string {
  if (facts.exit_code != null) return lines(`Process stopped with exit code: ${facts.exit_code}`);
  if (facts.signal != null) return lines(`Process stopped by signal: ${facts.signal}`);
  return lines(
    facts.status === "exited" ? "Process stopped" : "Process could not be terminated",
  );
}

/** After `restart`. */
export function formatRestart(facts: CtrlFacts): string {
  return lines(
    facts.pid == null ? "Process restart failed" : `Process restarted with PID: ${facts.pid}`,
  );
}

/** After `shutdown`. */
export function formatShutdown(result: ShutdownResult): string {
  return lines(`Shutdown persistproc server with PID: ${result.pid}`);
}

/** What a stop left running. */
export function formatSurvivors(survivors: readonly Survivor[]): string {
  return lines(
    ...survivors.map(({ pid, command, why }) => `Still running: PID ${pid} (${command}): ${why}`),
  );
}
