/**
 * A line of bash up to the cursor. Bash splits words at more than blanks (COMP_WORDBREAKS) and
 * replaces only the last piece, which it takes as it is given: so it is given back quoted in the way
 * in which the piece began. (bash(1), "Programmable Completion"; GNU Readline, "Custom Completers")
 */

/** What was typed. */
export interface BashLine {
  /** The words before the one that is being typed, without their quotes. */
  words: string[];
  /** That one, without its quotes. */
  word: string;
  /** At which of bash's own words (COMP_WORDS) each of ours begins, the last one included. */
  starts: number[];
  /** The piece to put in the place of the last one, for a word that begins as `word` does. */
  replace(completed: string): string;
}

type Quote = "'" | '"' | null;

/** What an unquoted word cannot hold without a backslash. */
const SPECIAL = /[^\w@%+:,./~=-]/g;

/** Understands a line up to the cursor. */
export function readBashLine(text: string, breaks: string): BashLine {
  const words: string[] = [];
  const starts: number[] = [];
  const state = { word: "", open: false, quote: null as Quote, kept: 0, pieces: 0, inBreak: false };

  /** A new word, unless it goes on; behind a break, a new one of bash's words. */
  const begin = () => {
    if (!state.open) {
      starts.push(state.pieces++);
      Object.assign(state, { word: "", open: true, kept: 0 });
    } else if (state.inBreak) state.pieces++;
    state.inBreak = false;
  };
  const add = (character: string) => {
    begin();
    state.word += character;
  };
  const end = () => {
    if (state.open) words.push(state.word);
    state.open = false;
  };

  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? "";
    const next = text[i + 1] ?? "";
    if (state.quote !== null) {
      const escapes = state.quote === '"' && character === "\\" && '$`"\\\n'.includes(next);
      if (character === state.quote) state.quote = null;
      else if (escapes && next !== "") add(text[++i] ?? "");
      else add(character);
    } else if (character === "'" || character === '"') {
      begin();
      state.quote = character;
      state.kept = state.word.length;
    } else if (character === "\\") {
      add(next);
      i++;
    } else if (/\s/.test(character)) {
      end();
    } else if (breaks.includes(character)) {
      // Several breaks in a row are one of bash's words.
      if (!state.open) begin();
      else if (!state.inBreak) state.pieces++;
      state.word += character;
      state.inBreak = true;
      state.kept = state.word.length;
    } else add(character);
  }
  if (!state.open) begin();
  const { word, quote, kept } = state;
  return { words, word, starts, replace: (completed) => quoted(completed.slice(kept), quote) };
}

function quoted(text: string, quote: Quote): string {
  switch (quote) {
    case "'":
      return text.replaceAll("'", `'\\''`);
    case '"':
      return text.replace(/[$`"\\]/g, "\\$&");
    case null:
      return text.replace(SPECIAL, "\\$&");
  }
}
