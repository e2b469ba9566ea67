/** The result of list as a table that fits a terminal. */
import { printable } from "../../protocol/printable.ts";
import { textWidth } from "../terminal/width.ts";
import { fitCell } from "./cells.ts";
import { formatBytes, type ListedFacts } from "./list.ts";

interface Column {
  title: string;
  text: (process: ListedFacts) => string;
  align?: "right";
  cut?: "middle";
}

const LABEL: Column = { title: "LABEL", text: ({ label }) => label, cut: "middle" };
const PID: Column = { title: "PID", text: ({ pid }) => String(pid ?? "-"), align: "right" };
const STATE: Column = { title: "STATE", text: stateOf };
const UPTIME: Column = { title: "UPTIME", text: uptimeOf, align: "right" };
const PORTS: Column = { title: "PORTS", text: portsOf };
const CPU: Column = {
  title: "CPU",
  text: ({ cpu_percent: cpu }) => cpu == null ? "" : `${Math.round(cpu)}%`,
  align: "right",
};
const MEMORY: Column = {
  title: "MEMORY",
  text: ({ memory_bytes: bytes }) => bytes == null ? "" : formatBytes(bytes),
  align: "right",
};
const LAST_ERROR: Column = { title: "LAST ERROR", text: errorOf };

const COLUMNS = [LABEL, PID, STATE, UPTIME, PORTS, CPU, MEMORY, LAST_ERROR];

/** What gives way where there is no room, and down to which width, in this order. */
const SHRINKING: readonly [Column, number][] = [
  [LABEL, 32],
  [LAST_ERROR, 20],
  [PORTS, 11],
  [LABEL, 12],
];

/** What is left out when that is not enough, in this order. */
const DISPENSABLE = [LAST_ERROR, UPTIME, CPU, MEMORY, PORTS];

const GAP = 2;

interface Cells {
  column: Column;
  texts: string[];
  width: number;
}

/** A line of titles and a line for each process, what runs first, none wider than `width`. */
export function formatListTable(listed: readonly ListedFacts[], width: number): string[] {
  const [live, ended] = [true, false].map((isLive) =>
    listed.filter(({ end_time: end }) => (end === null) === isLive)
  );
  const processes = [...live ?? [], ...ended ?? []];
  const table = fit(
    COLUMNS.map((column) => {
      const texts = processes.map((process) => printable(column.text(process)));
      return { column, texts, width: Math.max(column.title.length, ...texts.map(textWidth)) };
      // A column without a word in it tells nothing.
    }).filter(({ column, texts }) =>
      !DISPENSABLE.includes(column) || texts.some((text) => text !== "")
    ),
    width,
  );
  const line = (textOf: (cells: Cells) => string) => {
    const cells = table.map((cells) => {
      const { column, width } = cells;
      const text = textOf(cells);
      return column.align === "right" ? text.padStart(width) : fitCell(text, width, column.cut);
    });
    return fitCell(cells.join(" ".repeat(GAP)).trimEnd(), width).trimEnd();
  };
  return [
    line(({ column }) => column.title),
    ...processes.map((_, row) => line(({ texts }) => texts[row] ?? "")),
  ];
}

/** The columns that there is room for, shrunk as far as it takes. */
function fit(wanted: readonly Cells[], available: number): Cells[] {
  for (let left = 0;; left++) {
    const omitted = DISPENSABLE.slice(0, left);
    const table = wanted.filter(({ column }) => !omitted.includes(column))
      .map((cells) => ({ ...cells }));
    const excess = () => table.reduce((sum, { width }) => sum + width + GAP, -GAP) - available;
    for (const [column, least] of SHRINKING) {
      const cells = table.find((cells) => cells.column === column);
      if (cells && excess() > 0) {
        cells.width = Math.min(cells.width, Math.max(least, cells.width - excess()));
      }
    }
    if (excess() <= 0 || left === DISPENSABLE.length) return table;
  }
}

function stateOf({ status, exit_code: code, signal }: ListedFacts): string {
  if (status !== "exited") return status;
  return `exited ${code ?? signal ?? "?"}`;
}

function uptimeOf({ end_time: end, uptime_seconds: seconds }: ListedFacts): string {
  if (end !== null) return "";
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${minutes % 60}m` : `${Math.floor(hours / 24)}d`;
}

function portsOf({ ports = [] }: ListedFacts): string {
  return [...new Set(ports.map(({ port }) => port))].join(" ");
}

/**
 * Why it failed; for what runs, what stands behind its ordinary reason (a port that is taken), else
 * how many lines look like errors.
 */
function errorOf(
  { status, reason, exit_code: code, signal, error_lines: errors = 0 }: ListedFacts,
): string {
  const remark = reason.split("; ").slice(1).join("; ") ||
    (errors > 0 ? `${errors} error line${errors === 1 ? "" : "s"}` : "");
  if (status === "failed") return reason;
  if (status !== "exited" || code === 0) return remark;
  return /^(stopped|restarted) by /.test(reason) || (code === null && signal === null)
    ? remark
    : reason;
}
