/** Which lines of a text match an expression; the same code runs here and in a worker. */
import type { Expression } from "./expression.ts";

/**
 * What a match within one line may depend on in the lines around it: looking ahead or behind, and
 * groups that change what `^`, `$` and `.` mean.
 */
const DEPENDS_ON_NEIGHBOURS = /\(\?(?!:|<[A-Za-z_$])/;

/** An expression, made to find lines in texts of many lines. */
export class LineFinder {
  readonly #line: RegExp;
  readonly #text: RegExp | null;

  constructor({ source, flags }: Pick<Expression, "source" | "flags">) {
    this.#line = new RegExp(source, flags);
    // One search of a whole text that holds no match costs a tenth of one search for each line.
    this.#text = DEPENDS_ON_NEIGHBOURS.test(source) ? null : new RegExp(source, `${flags}m`);
  }

  /** The numbers, from 0 on, of the lines of `text` that match, each by itself. */
  find(text: string): number[] {
    if (this.#text !== null && !this.#text.test(text)) return [];
    const found: number[] = [];
    text.split("\n").forEach((line, number) => {
      if (this.#line.test(line)) found.push(number);
    });
    return found;
  }
}
