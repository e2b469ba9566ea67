/** The result of list as text. */
import { describeDuration } from "../../protocol/duration.ts";
import { printable } from "../../protocol/printable.ts";
import type { ListedProcess, ListeningPort, ProcessInfo } from "../../protocol/process.ts";

/** A process with what it takes and offers, as far as that is known. */
export type ListedFacts = ProcessInfo & Partial<ListedProcess>;

/**
 * One paragraph per process, a blank line between, none at the end.
 *
 * @param options `filtered`: others than these were left out.
 */
export function formatList(
  { processes }: { processes: readonly ListedFacts[] },
  { filtered = false } = {},
): string {
  if (processes.length === 0) return filtered ? "No process matches\n" : "No processes running\n";
  return processes.map((process) =>
    [
      `PID ${process.pid ?? "-"}: ${process.label} (${process.status})`,
      `  Command: ${process.command.join(" ")}`,
      `  Working directory: ${process.working_directory}`,
      ...factLines(process).map((line) => `  ${line}`),
    ].map((line) => `${printable(line)}\n`).join("")
  ).join("\n");
}

/** What the original does not tell, a line each. */
function factLines(process: ListedFacts): string[] {
  const { reason, uptime_seconds: uptime, error_lines: errors = 0, urls = [], ports = [] } =
    process;
  const resources = [
    process.cpu_percent == null ? "" : `CPU ${process.cpu_percent} %`,
    process.memory_bytes == null ? "" : `memory ${formatBytes(process.memory_bytes)}`,
    (process.process_count ?? 0) > 1 ? `${process.process_count} processes` : "",
  ].filter((text) => text !== "").join(", ");
  const facts = {
    Reason: reason,
    "Error lines": errors > 0 ? String(errors) : "",
    URLs: urls.join(" "),
    Ports: ports.map(formatPort).join(", "),
    Uptime: process.end_time === null && uptime > 0 ? describeDuration(uptime * 1_000) : "",
    Resources: resources,
  };
  return Object.entries(facts).filter(([, fact]) => fact !== "")
    .map(([name, fact]) => `${name}: ${fact}`);
}

function formatPort({ address, port, pid }: ListeningPort): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port} (PID ${pid})`;
}

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** Bytes in the unit in which they have at most four digits: `812 KiB`, `1.4 GiB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes / 1024;
  let unit = 0;
  for (; amount >= 1_000 && unit < UNITS.length - 1; unit++) amount /= 1024;
  return `${amount.toFixed(amount < 10 && unit > 0 ? 1 : 0)} ${UNITS[unit]}`;
}
