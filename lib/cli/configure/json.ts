/** Editing JSON that may hold comments and trailing commas. */
import {
  createScanner,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { CannotEdit, type Change, type Editor, type Entry, lineEnd, nested } from "./edit.ts";

export const jsonEditor: Editor = {
  parse: (text) => {
    const root = rootOf(text);
    return root === null ? {} : getNodeValue(root);
  },
  change(text, key, value) {
    const root = rootOf(text);
    if (root === null) {
      // Nothing but, perhaps, comments.
      if (value === null) return [];
      const eol = lineEnd(text);
      const gap = text === "" || text.endsWith("\n") ? "" : eol;
      const content = `${gap}${pretty(nested(key, value), "  ", "", eol)}${eol}`;
      return [{ start: text.length, end: text.length, text: content }];
    }
    let object = root;
    for (const [depth, name] of key.entries()) {
      const property = propertyOf(object, name);
      const last = depth === key.length - 1;
      if (property === null) {
        return value === null
          ? []
          : insert(text, object, name, nested(key.slice(depth + 1), value));
      }
      const inner = property.children?.[1];
      if (inner === undefined) throw new CannotEdit("it is not complete");
      if (last) {
        return value === null ? remove(text, object, property) : replace(text, inner, value);
      }
      if (inner.type !== "object") throw new CannotEdit(`"${name}" in it is no object`);
      object = inner;
    }
    return [];
  },
};

function rootOf(text: string): Node | null {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error) {
    const line = text.slice(0, error.offset).split("\n").length;
    throw new CannotEdit(`it is not JSON (line ${line}: ${printParseErrorCode(error.error)})`);
  }
  if (root && root.type !== "object") throw new CannotEdit("it is not an object");
  return root ?? null;
}

function propertyOf(object: Node, name: string): Node | null {
  const found = (object.children ?? []).filter(({ children }) => children?.[0]?.value === name);
  if (found.length > 1) throw new CannotEdit(`it has "${name}" more than once`);
  return found[0] ?? null;
}

function pretty(value: unknown, unit: string, indent: string, eol: string): string {
  return JSON.stringify(value, null, unit).replaceAll("\n", eol + indent);
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

/** The white space in front of what stands at an offset, if nothing else is on its line. */
function indentAt(text: string, offset: number): string | null {
  return /(?:^|\n)([ \t]*)$/.exec(text.slice(0, offset))?.[1] ?? null;
}

/** What one level is indented by, as far as the text shows it. */
function unitOf(text: string, object: Node): string {
  const own = indentAt(text, object.children?.[0]?.offset ?? 0);
  const closing = indentAt(text, endOf(object) - 1);
  if (own !== null && closing !== null && own.length > closing.length) {
    return own.slice(closing.length);
  }
  return /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";
}

/** What follows a property of an object: where its comma stands, if any, and where comments end. */
function tailOf(text: string, from: number, to: number): { comma: number | null; end: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  const tail = { comma: null as number | null, end: from };
  while (scanner.scan() && scanner.getTokenOffset() < to) {
    const start = scanner.getTokenOffset();
    const end = start + scanner.getTokenLength();
    const token = text.slice(start, end);
    if (token.trim() === "") continue;
    if (token === ",") tail.comma = start;
    tail.end = end;
  }
  return tail;
}

function insert(text: string, object: Node, name: string, value: unknown): Change[] {
  const eol = lineEnd(text);
  const closing = endOf(object) - 1;
  const last = object.children?.at(-1);
  const unit = unitOf(text, object);
  if (last === undefined) {
    const indent = indentOfLine(text, object.offset);
    const { end } = tailOf(text, object.offset + 1, closing);
    const rest = text.slice(end, closing);
    const line = `${eol}${indent}${unit}${JSON.stringify(name)}: ${
      pretty(value, unit, indent + unit, eol)
    }`;
    return [{ start: end, end, text: rest.includes("\n") ? line : `${line}${eol}${indent}` }];
  }
  const { comma, end } = tailOf(text, endOf(last), closing);
  const indent = indentAt(text, object.children?.[0]?.offset ?? 0);
  // All on one line stays so.
  const property = indent === null || !text.slice(end, closing).includes("\n")
    ? `${/\/\/[^\n]*$/.test(text.slice(endOf(last), end)) ? eol : " "}${JSON.stringify(name)}: ${
      JSON.stringify(value)
    }`
    : `${eol}${indent}${JSON.stringify(name)}: ${pretty(value, unit, indent, eol)}`;
  if (comma !== null) return [{ start: end, end, text: `${property},` }];
  const missing = { start: endOf(last), end: endOf(last), text: "," };
  // At one place, what is put in last comes first.
  return [{ start: end, end, text: property }, missing];
}

function indentOfLine(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

function replace(text: string, node: Node, value: Entry): Change[] {
  const indent = indentOfLine(text, node.offset);
  const old = text.slice(node.offset, endOf(node));
  const unit = node.type === "object" ? unitOf(text, node) : "  ";
  const written = old.includes("\n")
    ? pretty(value, unit, indent, lineEnd(text))
    : JSON.stringify(value);
  return [{ start: node.offset, end: endOf(node), text: written }];
}

function remove(text: string, object: Node, property: Node): Change[] {
  const siblings = object.children ?? [];
  const at = siblings.indexOf(property);
  const next = siblings[at + 1];
  const previous = siblings[at - 1];
  const gap = /(?:\r?\n)?[ \t]*$/.exec(text.slice(0, property.offset))?.[0] ?? "";
  const start = property.offset - gap.length;
  const ending = tailOf(text, endOf(property), next?.offset ?? endOf(object) - 1);
  const commaEnd = ending.comma === null ? endOf(property) : ending.comma + 1;
  // A comment between it and its comma is its own.
  const own = { start, end: commaEnd, text: "" };
  const before = previous && tailOf(text, endOf(previous), property.offset).comma;
  if (ending.comma !== null || before == null) {
    // Of an object that we filled ourselves, the line of its brace goes, too.
    const rest = text.slice(commaEnd);
    const empty = siblings.length === 1 && text[start - 1] === "{";
    return [empty ? { ...own, end: commaEnd + (/^\s*(?=\})/.exec(rest)?.[0].length ?? 0) } : own];
  }
  return before + 1 === start
    ? [{ ...own, start: before }]
    : [{ start: before, end: before + 1, text: "" }, own];
}
