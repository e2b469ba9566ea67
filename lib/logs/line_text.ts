/** One line as text. */
import { cleanLine, decodeLine } from "./clean.ts";
import type { LogLine } from "./output.ts";

/** How one line is shown. */
export interface LineFormat {
  /** The time in front of each line, ISO 8601 in UTC with milliseconds. */
  timestamps?: boolean;
  /** The name of the stream in front of each line. */
  streams?: boolean;
  /** Keep escape sequences and other control characters. */
  ansi?: boolean;
  /** What to call each source in front of its lines, by its label; none unless given. */
  labels?: ReadonlyMap<string, string>;
  /** Longer lines are cut; null for none (there is a bound of 64 KiB for reading them). */
  maxLineCharacters?: number | null;
}

const MAX_LINE_CHARACTERS = 2_000;

/** One line as text, without a newline. */
export function formatLine(line: LogLine, format: LineFormat = {}): string {
  return linePrefix(line, format) + lineText(line, format);
}

/** What stands in front of a line: its time, its stream, whose it is. */
export function linePrefix(line: LogLine, format: LineFormat): string {
  const parts: string[] = [];
  if (format.timestamps) parts.push(new Date(line.time).toISOString());
  if (format.streams) parts.push(line.stream);
  const label = format.labels?.get(line.source.label);
  if (label !== undefined) parts.push(`[${label}]`);
  return parts.map((part) => part + " ").join("");
}

/** The line itself, with marks where it was cut. */
export function lineText(line: LogLine, format: LineFormat): string {
  let text = format.ansi ? decodeLine(line.bytes) : cleanLine(line.bytes);
  let cut = line.cutAfter;
  const most = format.maxLineCharacters === undefined
    ? MAX_LINE_CHARACTERS
    : format.maxLineCharacters ?? Infinity;
  // A raw line is not cut: half an escape sequence would change the lines that follow.
  if (!format.ansi && text.length > most) {
    const kept = wholeCharacters(text, most);
    cut += new TextEncoder().encode(text.slice(kept.length)).length;
    text = kept;
  }
  const beginning = line.continued ? "…" : "";
  const before = line.cutBefore > 0 ? `[${line.cutBefore} bytes overwritten] ` : "";
  return beginning + before + text + (cut > 0 ? ` [+${cut} bytes]` : "");
}

/** The first `most` UTF-16 units, one less where that would cut a character in two. */
export function wholeCharacters(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
