/** How wide text is on a terminal. (The package of deno_std that is used lacks the tables for it.) */

/** Marks that are drawn over the character before them, and characters that are not drawn. */
const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** The East Asian scripts and the emoji that take two columns (Unicode Standard Annex #11). */
const TWO_COLUMNS =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Columns that a text without control characters takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (!NO_COLUMN.test(character)) width += TWO_COLUMNS.test(character) ? 2 : 1;
  }
  return width;
}
