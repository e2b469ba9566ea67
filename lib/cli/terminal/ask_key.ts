/** The one key that stays ours while a program has all the others. */

/** What the key is called. dtach and abduco detach by it, too. */
export const ASK_KEY_NAME = "Ctrl+\\";

/**
 * The key as terminals send it: as a control character, or, where the program has asked for keys to be
 * told apart, by its code and the modifiers. (xterm, `modifyOtherKeys`; kitty, "Comprehensive keyboard
 * handling", where the locks of capitals and numbers count as modifiers.)
 */
// deno-lint-ignore no-control-regex
const ASK_KEY = /\x1c|\x1b\[27;5;92~|\x1b\[92(?::\d*)*;(?:5|69|133|197)(?::1)?u/;

const LATIN_1 = new TextDecoder("latin1");

/** Where in what was typed the key stands; null where it does not. */
export function findAskKey(bytes: Uint8Array): { start: number; end: number } | null {
  const match = ASK_KEY.exec(LATIN_1.decode(bytes));
  return match && { start: match.index, end: match.index + match[0].length };
}
