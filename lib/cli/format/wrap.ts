/** Text in lines that fit a terminal. */
import { textWidth } from "../terminal/width.ts";

/** A line longer than this is hard to read, however wide the terminal. */
const WIDEST = 100;
/** Where there is less room than this for words, they go into lines of their own. */
const NARROWEST = 24;

/** The columns to fill of a terminal that has so many. */
export function readableWidth(columns: number): number {
  return Math.min(columns, WIDEST);
}

/**
 * Breaks a text between its words into lines of at most `width` columns. A word that is longer than
 * that is not broken, so that it can be copied.
 *
 * @param options.first What the first line begins with.
 * @param options.rest What every other line begins with.
 * @param options.end What a line ends with that is gone on with.
 */
export function wrap(
  text: string,
  width: number,
  { first = "", rest = first, end = "" }: { first?: string; rest?: string; end?: string } = {},
): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ").filter((word) => word !== "")) {
    if (!empty && textWidth(line) + 1 + textWidth(word) > width - textWidth(end)) {
      lines.push(line + end);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

function paragraphs(text: string, width: number, first: string, rest: string): string[] {
  return text.split("\n").flatMap((paragraph, i) =>
    wrap(paragraph, width, { first: i === 0 ? first : rest, rest })
  );
}

/** Two columns, the second one wrapped; where there is no room beside the first one, below it. */
export function definitions(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
  indent = "",
): string[] {
  const left = Math.max(...rows.map(([term]) => indent.length + textWidth(term) + 2));
  const beside = " ".repeat(left);
  const below = `${indent}      `;
  return rows.flatMap(([term, meaning]) => {
    if (width - left < NARROWEST) {
      return [indent + term, ...paragraphs(meaning, width, below, below)];
    }
    const first = indent + term + " ".repeat(left - indent.length - textWidth(term));
    return paragraphs(meaning, width, first, beside);
  });
}
