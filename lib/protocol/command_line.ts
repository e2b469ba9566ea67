/** Command lines as text: splitting, quoting, and telling which ones only a shell can run. */
import { PersistprocError } from "./errors.ts";

/** What separates words: nothing else does, not even a no-break space. */
const BLANKS = " \t\n\r";

/**
 * Splits a command line into words as a POSIX shell does (Shell Command Language, 2.2 Quoting):
 * single quotes, double quotes, backslashes. Nothing is expanded.
 *
 * @throws {PersistprocError} when a quote is not closed.
 */
export function splitCommandLine(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: "'" | '"' | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (quote === "'") {
      if (char === "'") quote = null;
      else word += char;
    } else if (quote === '"') {
      const next = text[i + 1] ?? "";
      if (char === '"') quote = null;
      else if (char === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
        i++;
        if (next !== "\n") word += next;
      } else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\") {
      const next = text[++i];
      if (next !== undefined && next !== "\n") word = (word ?? "") + next;
    } else if (BLANKS.includes(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== null) {
    throw new PersistprocError("invalid_request", `The command has an unclosed ${quote} quote.`, {
      hint: "Close the quote, or pass the program and each argument as a word of its own.",
    });
  }
  if (word !== null) words.push(word);
  return words;
}

/**
 * Whether a command line means something that only a shell can do: `&&`, pipes, redirections,
 * variables, globs, a leading `NAME=value`, `~`.
 */
export function needsShell(text: string): boolean {
  if (/^\s*[A-Za-z_][A-Za-z0-9_]*=/.test(text)) return true;
  let quote: "'" | '"' | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (quote === "'") {
      if (char === "'") quote = null;
    } else if (char === "\\") {
      i++;
    } else if (quote === '"') {
      if (char === '"') quote = null;
      else if (char === "$" || char === "`") return true;
    } else if (char === "'" || char === '"') {
      quote = char;
    } else if ("&|;<>()$`*?[\n".includes(char)) {
      return true;
    } else if ((char === "~" || char === "#") && (i === 0 || /\s/.test(text[i - 1] ?? ""))) {
      return true;
    }
  }
  return false;
}

/**
 * The words that run a command line: its own, or those of a shell that reads it.
 *
 * @throws {PersistprocError} when a quote is not closed.
 */
export function wordsToRun(text: string): string[] {
  return needsShell(text) ? ["sh", "-c", text] : splitCommandLine(text);
}

/** The words as one line that {@linkcode splitCommandLine} splits into the same words. */
export function quoteCommandLine(words: readonly string[]): string {
  return words.map((word, i) =>
    /^[A-Za-z0-9_@%+=:,./~^-]+$/.test(word) && !word.startsWith("~") &&
      !(i === 0 && word.includes("="))
      ? word
      : `'${word.replaceAll("'", `'\\''`)}'`
  ).join(" ");
}
