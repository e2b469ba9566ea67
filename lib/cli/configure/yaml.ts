/** Editing YAML: one entry of one mapping, as lines of its own. */
import { isMap, isScalar, type Pair, parseAllDocuments, stringify, type YAMLMap } from "yaml";
import { CannotEdit, type Change, type Editor, type Entry, lineEnd } from "./edit.ts";

export const yamlEditor: Editor = {
  parse: (text) => documentOf(text)?.toJS() ?? {},
  change(text, [outer = "", name = ""], value) {
    const eol = lineEnd(text);
    const root = documentOf(text)?.contents ?? null;
    if (root !== null && !isMap(root)) throw new CannotEdit("it is no mapping");
    const pair = root === null ? null : pairOf(root, outer);
    if (pair === null) {
      if (value === null) return [];
      if (root?.flow) throw new CannotEdit("it is written in braces");
      const gap = text === "" || text.endsWith("\n") ? "" : eol;
      const lines = entryLines({ [outer]: { [name]: value } }, "", eol);
      return [{ start: text.length, end: text.length, text: gap + lines }];
    }
    const map = pair.value;
    if (isMap(map) && map.items.length > 0 && !map.flow) {
      return changeItem(text, map, name, value, eol);
    }
    const empty = isMap(map) ? map.items.length === 0 : isScalar(map) && map.value === null;
    if (!empty) throw new CannotEdit(`"${outer}" in it is not written as lines`);
    return value === null ? [] : fill(text, pair, name, value, eol);
  },
};

function documentOf(text: string) {
  const documents = parseAllDocuments(text, { keepSourceTokens: true });
  const [document] = [...documents];
  if (documents.length > 1) throw new CannotEdit("it holds several documents");
  const error = document?.errors[0];
  if (error) throw new CannotEdit(`it is not YAML (${error.message.split("\n", 1)[0]})`);
  return document ?? null;
}

function pairOf(map: YAMLMap, name: string): Pair | null {
  return map.items.find(({ key }) => isScalar(key) && key.value === name) ?? null;
}

/** Offsets of a node: its begin, the end of its value, the end with what belongs to it. */
function rangeOf(node: unknown): readonly [number, number, number] {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  if (!range) throw new CannotEdit("it has a part whose place is not known");
  return range;
}

function entryLines(value: Record<string, unknown>, indent: string, eol: string): string {
  return stringify(value, { lineWidth: 0 }).replace(/^(?=.)/gm, indent).replaceAll("\n", eol);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function changeItem(
  text: string,
  map: YAMLMap,
  name: string,
  value: Entry | null,
  eol: string,
): Change[] {
  const first = lineStart(text, rangeOf(map.items[0]?.key)[0]);
  const indent = /^[ ]*/.exec(text.slice(first))?.[0] ?? "";
  const item = pairOf(map, name);
  const lines = value === null ? "" : entryLines({ [name]: value }, indent, eol);
  // In front of the others, so that it does not matter how the last of them ends.
  if (item === null) return value === null ? [] : [{ start: first, end: first, text: lines }];
  const start = lineStart(text, rangeOf(item.key)[0]);
  const end = endOfItem(text, item);
  if (value !== null || map.items.length > 1) return [{ start, end, text: lines }];
  // A mapping without entries would be null.
  const outerEnd = text.slice(0, start).trimEnd().length;
  if (text[outerEnd - 1] !== ":") throw new CannotEdit("it would leave nothing in its place");
  return [{ start: outerEnd, end: outerEnd, text: " {}" }, { start, end, text: "" }];
}

/** Behind the last line of an entry. */
function endOfItem(text: string, { key, value }: Pair): number {
  const [begin] = rangeOf(key);
  const content = text.slice(begin, rangeOf(value)[1]).trimEnd().length;
  const newline = text.indexOf("\n", begin + content);
  return newline === -1 ? text.length : newline + 1;
}

/** Gives a mapping that is empty, or not there, its first entry. */
function fill(text: string, pair: Pair, name: string, value: Entry, eol: string): Change[] {
  const [start] = rangeOf(pair.key);
  const colon = text.indexOf(":", rangeOf(pair.key)[1]) + 1;
  const indent = `${" ".repeat(start - lineStart(text, start))}  `;
  const newline = text.indexOf("\n", colon);
  const lineEnds = newline === -1 ? text.length : newline + 1;
  const gap = newline === -1 ? eol : "";
  const rest = text.slice(colon, lineEnds);
  const braces = /^[ \t]*\{[ \t]*\}/.exec(rest)?.[0] ?? "";
  const lines = entryLines({ [name]: value }, indent, eol);
  return [
    { start: colon, end: colon + braces.length, text: "" },
    { start: lineEnds, end: lineEnds, text: gap + lines },
  ];
}
