/** The result of output, as text and as JSON. */
import { formatLine, type LineFormat } from "../../logs/line_text.ts";
import { shortLabels } from "../../logs/labels.ts";
import { formatResult, type ReadResult, unreadableNote } from "../../logs/output_page.ts";
import { missedNote } from "../../logs/page.ts";

/** The lines, each as it was written, and a line with the counters; a sentence if there are none. */
export function formatOutput(
  result: ReadResult,
  format: LineFormat,
): { text: string; footer: string | null } {
  const { page } = result;
  if (page.lines.length === 0 && page.matches === null) {
    const note = unreadableNote(page);
    return { text: "No output available\n", footer: note && `-- ${note}` };
  }
  const { text, footer } = formatResult(result, {
    timestamps: format.timestamps,
    ansi: format.ansi,
    maxCharacters: null,
    maxLineCharacters: null,
    // A person who counts lines, or pipes them on, wants them all.
    fold: false,
    noteMissed: false,
  });
  // Not among the lines, which may be piped on.
  return {
    text: page.lines.length === 0 ? "No line matches\n" : `${text.body}\n`,
    footer: page.missed > 0 ? `${missedNote(page.missed)}\n${footer}` : footer,
  };
}

/** The facts of a page. */
export function outputDocument(
  { page, next, cursorAfter }: ReadResult,
  format: LineFormat,
): unknown {
  const names = shortLabels(page.sources.map(({ label }) => label));
  const labels = names.size > 1 ? names : undefined;
  const time = (at: number | undefined) => at === undefined ? null : new Date(at).toISOString();
  const written = page.lines.filter(({ mark }) => !mark);
  return {
    output: page.lines.map((line) =>
      formatLine(line, { ...format, labels, maxLineCharacters: null })
    ),
    lines_shown: written.length,
    earlier_lines: page.earlier,
    bytes_total: page.bytesTotal,
    missed_bytes: page.missed,
    first_time: time(written[0]?.time),
    last_time: time(written.at(-1)?.time),
    cursor: cursorAfter(page.lines.length),
    bytes_behind_cursor: next ? page.bytesAfter(page.lines.length) : 0,
    ...(page.unreadable.length === 0 ? {} : { unreadable: page.unreadable }),
    ...(page.matches === null ? {} : { matches: page.matches }),
  };
}
