/** The terminal, and its size. */
import type { TerminalInfo } from "../../protocol/process.ts";

/** Columns and rows; 80 by 24 where nobody knows, or where the terminal says zero. */
export function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
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
