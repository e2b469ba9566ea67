/** Lines as text, for people and models. */
import { shortLabels } from "./labels.ts";
import { type LineFormat, linePrefix, lineText, wholeCharacters } from "./line_text.ts";
import type { LogLine, OutputPage } from "./output.ts";

/** How a page is shown. */
export interface PageFormat extends Omit<LineFormat, "labels"> {
  /** The whole body; it is cut at its beginning, at the end of a line. */
  maxCharacters: number | null;
  /** Whether each line says whose it is; unless given, it does when there are several labels. */
  labels?: boolean;
  /** Whether runs of equal lines are shown once; they are unless this is false. */
  fold?: boolean;
  /** Whether the first line says what is not kept any more; it does unless this is false. */
  noteMissed?: boolean;
  /** Which lines are left out when there is no room: the first ones unless this says otherwise. */
  leaveOut?: "first" | "last";
}

/** A page as text, without its footer. */
export interface PageText {
  /** Lines separated by newlines, none at the end; empty when there are none. */
  body: string;
  /** How many of the program's lines it shows; a line folded away counts. */
  lines: number;
  /** How many lines of the page it shows, persistproc's own included. */
  shown: number;
  /** When the first and the last of them came, in milliseconds since the epoch. */
  first: number | null;
  last: number | null;
}

/** The lines of a page, the newest always, as many of the others as there is room for. */
export function formatPage(page: OutputPage, format: PageFormat): PageText {
  const { maxCharacters, labels, fold = true, noteMissed = true, leaveOut, ...rest } = format;
  const missed = noteMissed && page.missed > 0 ? `${missedNote(page.missed)}\n` : "";
  const names = shortLabels(page.sources.map((source) => source.label));
  const line: LineFormat = labels ?? names.size > 1 ? { ...rest, labels: names } : rest;
  const { note, shown } = (leaveOut === "last" ? fitFirst : fit)(
    page.lines,
    paragraphsBackward(page.lines, line, fold),
    maxCharacters === null ? null : Math.max(0, maxCharacters - missed.length),
  );
  const lines = shown.flatMap((paragraph) => paragraph.lines);
  return {
    // When a note says already that earlier lines are left out, there is more between the two.
    body: (note ? "" : missed) + note + shown.map(({ text }) => text).join("\n"),
    lines: countWritten(lines),
    shown: lines.length,
    first: lines[0]?.time ?? null,
    last: lines.at(-1)?.time ?? null,
  };
}

/** Says how much is not kept any more of what would come before. */
export function missedNote(bytes: number): string {
  return `[… ${bytes} bytes before this are no longer kept; log files with such a hole: grep -a]`;
}

/** Takes paragraphs, given newest first, for as long as there is room for them and for a note. */
function fit(
  all: LogLine[],
  newestFirst: Iterable<Paragraph>,
  room: number | null,
): { note: string; shown: Paragraph[] } {
  const shown: Paragraph[] = []; // Newest first, until it is returned.
  let length = 0;
  for (const paragraph of newestFirst) {
    shown.push(paragraph);
    length += paragraph.text.length + 1;
    if (room !== null && length - 1 > room) break;
  }
  if (room === null || length - 1 <= room) return { note: "", shown: shown.reverse() };

  for (let left = all.length - countLines(shown);;) {
    const oldest = shown.length > 1 ? shown.pop() : undefined;
    length -= oldest ? oldest.text.length + 1 : 0;
    left += oldest?.lines.length ?? 0;
    const note = cutNote(all, left, room);
    if (note.length + length - 1 <= room) return { note, shown: shown.reverse() };
    if (oldest !== undefined) continue;
    // Not even the newest line fits. What there is room for, of it, comes before the note.
    const fitting = note.length > room / 2 ? "" : note;
    const newest = shown.map(({ text, lines }) => ({
      text: cutText(text, room - fitting.length),
      lines,
    }));
    return { note: fitting, shown: newest };
  }
}

/** Takes paragraphs, given newest first, from the oldest on for as long as there is room for them. */
function fitFirst(
  _all: LogLine[],
  newestFirst: Iterable<Paragraph>,
  room: number | null,
): { note: string; shown: Paragraph[] } {
  const shown: Paragraph[] = [];
  let length = 0;
  for (const paragraph of [...newestFirst].reverse()) {
    length += paragraph.text.length + 1;
    if (room !== null && length - 1 > room) {
      // Whoever reads on would not come past a line that never fits.
      if (shown.length === 0) shown.push({ ...paragraph, text: cutText(paragraph.text, room) });
      break;
    }
    shown.push(paragraph);
  }
  return { note: "", shown };
}

/** How many of some lines are the program's. */
function countWritten(lines: readonly LogLine[]): number {
  return lines.filter(({ mark }) => !mark).length;
}

function countLines(paragraphs: Paragraph[]): number {
  return paragraphs.reduce((sum, { lines }) => sum + lines.length, 0);
}

/** A line, or several equal ones that are shown as one. */
interface Paragraph {
  text: string;
  lines: LogLine[];
}

function* paragraphsBackward(
  lines: LogLine[],
  format: LineFormat,
  fold: boolean,
): Generator<Paragraph> {
  let end = lines.length;
  let last = "";
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at]!; // Within the bounds of the array.
    const text = lineText(line, format);
    const next = lines[at + 1];
    if (end > at + 1 && !(fold && text === last && isSameWriter(line, next) && !next?.gap)) {
      yield* folded(lines.slice(at + 1, end), last, format);
      end = at + 1;
    }
    last = text;
  }
  yield* folded(lines.slice(0, end), last, format);
}

function isSameWriter(a: LogLine, b?: LogLine): boolean {
  return a.stream === b?.stream && a.source.label === b.source.label;
}

function* folded(lines: LogLine[], text: string, format: LineFormat): Generator<Paragraph> {
  const [first] = lines;
  if (first === undefined) return;
  const between = ({ gap }: LogLine) => gap ? "--\n" : "";
  const prefix = between(first) + linePrefix(first, format);
  const once = `${prefix}${text} × ${lines.length}`;
  // A fold has to pay for itself: two lines of one letter are shorter than their fold.
  if (once.length < lines.length * (prefix.length + text.length + 1) - 1) {
    yield { text: once, lines };
  } else {
    for (const line of lines.toReversed()) {
      yield { text: between(line) + linePrefix(line, format) + text, lines: [line] };
    }
  }
}

function cutText(text: string, room: number): string {
  if (text.length <= room) return text;
  const mark = " [cut]";
  return wholeCharacters(text, Math.max(room - mark.length, 0)) + mark.slice(0, room);
}

/** Says that the first `left` lines are left out, and how to get them. */
function cutNote(all: LogLine[], left: number, room: number): string {
  if (left === 0) return "";
  const count = `${left} earlier ${left === 1 ? "line" : "lines"}`;
  const time = all[left]?.time;
  // Lines that came together have one time: where the cut is among them, no time divides them.
  const divides = time !== undefined && (all[left - 1]?.time ?? time) < time;
  const way = divides ? `before_time ${new Date(time).toISOString()}` : "raise it";
  return `[${count} left out to fit max_characters ${room}; for them: ${way}]\n`;
}

/**
 * How many lines are shown, whether they are only the last ones, how many bytes the logs hold, and
 * the times of the first and the last line. `facts` are added as they are.
 */
export function formatFooter(page: OutputPage, text: PageText, facts: string[] = []): string {
  const last = page.earlier || text.lines < countWritten(page.lines) ? "last " : "";
  const lines = `${last}${text.lines} ${text.lines === 1 ? "line" : "lines"}`;
  const parts = [`${lines} of ${page.bytesTotal} bytes`];
  if (page.missed > 0) parts.push(`missed_bytes ${page.missed}`);
  if (text.first !== null && text.last !== null) parts.push(span(text.first, text.last));
  return `-- ${[...parts, ...facts].join(", ")}`;
}

function span(first: number, last: number): string {
  const [from, to] = [new Date(first).toISOString(), new Date(last).toISOString()];
  if (from === to) return from;
  // The day once, unless it changed.
  return `${from}..${to.slice(0, 11) === from.slice(0, 11) ? to.slice(11) : to}`;
}
