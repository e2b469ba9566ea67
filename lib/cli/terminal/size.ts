/** The size of the terminal. */

/** Columns and rows; 80 by 24 where nobody knows, or where the terminal says zero. */
export function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}
