/** The result of output, as text and as JSON. */
import type { OutputPage } from "../../logs/output.ts";
import { formatLine, type LineFormat } from "../../logs/line_text.ts";
import { formatFooter, formatPage, missedNote } from "../../logs/page.ts";
import { shortLabels } from "../../logs/labels.ts";

/** The lines, each as it was written, and a line with the counters; a sentence if there are none. */
export function formatOutput(
  page: OutputPage,
  format: LineFormat,
): { text: string; footer: string | null } {
  if (page.lines.length === 0) return { text: "No output available\n", footer: null };
  const shown = formatPage(page, {
    timestamps: format.timestamps,
    ansi: format.ansi,
    maxCharacters: null,
    maxLineCharacters: null,
    // A person who counts lines, or pipes them on, wants them all.
    fold: false,
    noteMissed: false,
  });
  const footer = formatFooter(page, shown);
  // Not among the lines, which may be piped on.
  return {
    text: `${shown.body}\n`,
    footer: page.missed > 0 ? `${missedNote(page.missed)}\n${footer}` : footer,
  };
}

/** The facts of a page. */
export function outputDocument(page: OutputPage, format: LineFormat): unknown {
  const names = shortLabels(page.sources.map(({ label }) => label));
  const labels = names.size > 1 ? names : undefined;
  const time = (at: number | undefined) => at === undefined ? null : new Date(at).toISOString();
  return {
    output: page.lines.map((line) =>
      formatLine(line, { ...format, labels, maxLineCharacters: null })
    ),
    lines_shown: page.lines.length,
    earlier_lines: page.earlier,
    bytes_total: page.bytesTotal,
    missed_bytes: page.missed,
    first_time: time(page.lines[0]?.time),
    last_time: time(page.lines.at(-1)?.time),
  };
}
