/**
 * Text that only shows: whatever a terminal, or a reader of lines, would act on is made visible. Names,
 * directories, URLs and reasons come from programs and agents, who may put anything into them.
 */

/**
 * C0, DEL and C1 (ECMA-48); the separators that end a line as well; and the characters that reorder
 * what follows them, so that it reads as something else (Unicode Standard Annex #9, 2.1 to 2.3).
 */
// deno-lint-ignore no-control-regex -- they are what is replaced
const ACTS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text in one line: an escape as `\x1b`, a newline as `\x0a`, an override of direction as `\u202e`. */
export function printable(text: string): string {
  return text.replace(ACTS, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** The same for a text of several lines: newlines and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, printable);
}

/** JSON with the exact value that still only shows: JSON itself escapes no more than C0. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    ACTS,
    (character) =>
      character === "\n"
        ? character
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
