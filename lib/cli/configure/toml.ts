/** Editing TOML: one table, which stands in a block of lines of its own. */
import { parse, stringify } from "smol-toml";
import { CannotEdit, type Editor, lineEnd, nested, valueAt } from "./edit.ts";

export const tomlEditor: Editor = {
  parse(text) {
    try {
      return parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
      throw new CannotEdit(`it is not TOML (${why})`);
    }
  },
  change(text, key, value) {
    const eol = lineEnd(text);
    const written = value === null
      ? ""
      : stringify(nested(key, value)).trim().replaceAll("\n", eol);
    const block = blockOf(text, key);
    if (block !== null) {
      return value === null
        ? [{ ...block, start: withGap(text, block.start), text: "" }]
        : [{ ...block, text: written + eol }];
    }
    if (valueAt(parse(text), key) !== undefined) {
      throw new CannotEdit(`${key.join(".")} has no table of its own in it`);
    }
    const gap = text === "" ? "" : text.endsWith("\n") ? eol : eol + eol;
    return [{ start: text.length, end: text.length, text: `${gap}${written}${eol}` }];
  },
};

/** The lines of a table and of those within it, from its header to its last key. */
function blockOf(text: string, key: readonly string[]): { start: number; end: number } | null {
  const name = key.map((part) => `(?:${part}|"${part}"|'${part}')`).join("\\s*\\.\\s*");
  const header = new RegExp(`^\\s*\\[\\s*${name}\\s*(?:\\.[^\\]]*)?\\]\\s*(?:#.*)?$`);
  const block = { start: -1, end: 0 };
  let offset = 0;
  let inside = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (/^\s*\[/.test(line)) inside = header.test(line.trimEnd());
    // What stands above the next header is about that.
    const blank = /^\s*(#|$)/.test(line);
    const end = offset + line.length;
    if (inside && !blank) {
      if (block.start === -1) block.start = offset;
      block.end = end;
    }
    offset = end;
  }
  return block.start === -1 ? null : block;
}

/** Where the empty line in front of an offset begins, which came with what stands there. */
function withGap(text: string, start: number): number {
  return start - (/(?<=\n)\r?\n$/.exec(text.slice(0, start))?.[0].length ?? 0);
}
