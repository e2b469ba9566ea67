/** Puts one entry into the text of a configuration file, or takes it out; the rest stays as it is. */
import { PersistprocError } from "../../protocol/errors.ts";

/** A change of a text: what stood from `start` to `end` becomes `text`. */
export interface Change {
  start: number;
  end: number;
  text: string;
}

/** How one syntax is edited. Both throw {@linkcode CannotEdit}, whose message ends a sentence. */
export interface Editor {
  /** What the text means. */
  parse(text: string): unknown;
  /** The changes after which `key` holds `value`; null means that it is not there. */
  change(text: string, key: readonly string[], value: Entry | null): Change[];
}

/** What stands under a key. */
export type Entry = Record<string, unknown>;

/** A file of a kind that is not edited: "it …". */
export class CannotEdit extends Error {
  override name = "CannotEdit";
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * The text with the entry under this key, or without it.
 *
 * @param path For the message when it cannot be done.
 * @throws {PersistprocError} when the file cannot be read, or not be changed at this place alone.
 */
export function editText(
  text: string,
  { path, key, value, editor }: {
    path: string;
    key: readonly string[];
    value: Entry | null;
    editor: Editor;
  },
): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const body = text.slice(mark.length);
  try {
    const before = editor.parse(body);
    if (canonical(valueAt(before, key)) === canonical(value ?? undefined)) return text;
    const after = applyChanges(body, editor.change(body, key, value));
    // Whatever an editor overlooks, such as a table within a string, is found here.
    const meant = withValue(before, key, value);
    if (sameBut(key, editor.parse(after)) !== sameBut(key, meant)) {
      throw new CannotEdit("it is written in a way that this program does not edit");
    }
    return mark + after;
  } catch (error) {
    if (!(error instanceof CannotEdit)) throw error;
    throw new PersistprocError("invalid_request", `${path} was not changed: ${error.message}.`, {
      hint: "Edit it by hand; `persistproc agents NAME` shows what to add.",
    });
  }
}

/** What stands under a key in what a text means. */
export function valueAt(value: unknown, key: readonly string[]): unknown {
  return key.reduce<unknown>(
    (object, name) => isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined,
    value,
  );
}

/** What holds nothing but a value under a key. */
export function nested(key: readonly string[], value: unknown): unknown {
  return key.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

function withValue(
  root: unknown,
  [name, ...rest]: readonly string[],
  value: Entry | null,
): unknown {
  if (name === undefined) return value;
  const object = isObject(root) ? { ...root } : {};
  if (rest.length === 0 && value === null) delete object[name];
  else object[name] = withValue(object[name], rest, value);
  return object;
}

/** What a text means, an empty object around a missing entry counting as none (so TOML has it). */
function sameBut(key: readonly string[], value: unknown): string {
  const outer = key.slice(0, -1);
  const around = valueAt(value, outer);
  const empty = isObject(around) && Object.keys(around).length === 0;
  return canonical(empty ? withValue(value, outer, null) : value);
}

function applyChanges(text: string, changes: readonly Change[]): string {
  return [...changes].sort((a, b) => b.start - a.start).reduce(
    (result, { start, end, text }) => result.slice(0, start) + text + result.slice(end),
    text,
  );
}

/** One text for all that means the same, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      isObject(inner) && !(inner instanceof Date)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  ) ?? "";
}

/** Whether a value is an object with keys. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How the lines of a text end. */
export function lineEnd(text: string): "\r\n" | "\n" {
  return /\r\n/.test(text) ? "\r\n" : "\n";
}
