/** The label that somebody gives a process. */
import { PersistprocError } from "../protocol/errors.ts";
import { printable } from "../protocol/printable.ts";
import { SERVER_LABEL } from "../protocol/process.ts";

const LONGEST_LABEL = 200;

/** What joins letters of Persian and Hindi, and the parts of an emoji, or says how they are drawn. */
const JOINERS = /[\u200c\u200d\ufe00-\ufe0f]/g;

/** What is not drawn (Unicode Standard Annex #44, Default_Ignorable_Code_Point), or only formats. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

/**
 * A label that can be seen, told from others and typed back.
 *
 * @throws {PersistprocError} `invalid_request` for any other.
 */
export function checkLabel(label: string): string {
  const problem = problemOf(label);
  if (problem === null) return label;
  throw new PersistprocError("invalid_request", problem, {
    hint: "Choose another, of letters, digits, spaces and punctuation.",
  });
}

function problemOf(label: string): string | null {
  if (printable(label) !== label) return "A label must not contain control characters.";
  if (label.length > LONGEST_LABEL) {
    return `A label has at most ${LONGEST_LABEL} characters; this one has ${label.length}.`;
  }
  const drawn = label.replace(JOINERS, "");
  const invisible = INVISIBLE.exec(drawn)?.[0].codePointAt(0);
  if (invisible !== undefined) {
    const code = invisible.toString(16).toUpperCase().padStart(4, "0");
    return `A label must not contain invisible characters; this one has U+${code}.`;
  }
  if (drawn.trim() === "") return "A label must have a character that can be seen.";
  if (drawn.trim() === SERVER_LABEL) return `The label "${SERVER_LABEL}" is the server's own.`;
  return null;
}
