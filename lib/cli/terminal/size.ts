/** The terminal, and its size. */
import { DEFAULT_TERMINAL_SIZE } from "../../protocol/limits.ts";
import type { TerminalInfo, TerminalSize } from "../../protocol/process.ts";

/** Columns and rows; those of the default where nobody knows, or where the terminal says zero. */
export function terminalSize(): TerminalSize {
  const usual = DEFAULT_TERMINAL_SIZE;
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || usual.columns, rows: rows || usual.rows };
  } catch {
    return { ...usual };
  }
}

/**
 * The terminal that shows what this command prints. None when a part of that goes elsewhere: what
 * lands in a file or a pipe has no colors and no width.
 */
export function outputTerminal(): TerminalInfo | undefined {
  if (!Deno.stdout.isTerminal() || !Deno.stderr.isTerminal()) return undefined;
  try {
    return { columns: Deno.consoleSize().columns };
  } catch {
    return { columns: 0 };
  }
}
