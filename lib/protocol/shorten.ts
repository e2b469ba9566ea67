/** Texts and commands that are shown to tell them from others: cut where they are long. */

/** Characters of a command that is shown as a fact; one that was accepted may have two million. */
const LONGEST_COMMAND = 1_000;

/** A text of at most `most` UTF-16 units; of a longer one the beginning, with a mark behind it. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, Math.max(0, most));
  // Half of a character is none.
  return `${beginning.replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The words of a command as they are shown: whole, or up to the word that is too much, which is cut. */
export function shortenCommand(command: readonly string[]): string[] {
  const shown: string[] = [];
  let left = LONGEST_COMMAND;
  for (const word of command) {
    if (word.length > left) return [...shown, shorten(word, left)];
    shown.push(word);
    left -= word.length + 1;
  }
  return shown;
}
