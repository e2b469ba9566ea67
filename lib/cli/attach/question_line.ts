/** The question at Ctrl+C, in one line of a terminal of any width. */
import { shortLabel } from "../../logs/labels.ts";
import { textWidth } from "../terminal/width.ts";

/** From what says most to what can still be guessed by whoever has seen the others. */
const QUESTIONS = [
  "s stop, d detach, Enter stay? ",
  "s stop, d detach? ",
  "s/d/Enter? ",
  "s/d? ",
  "?",
] as const;

/** The answer shows behind the question, and then the cursor. */
const ANSWER_COLUMNS = 2;

/** A name shorter than this says less than none. */
const SHORTEST_NAME = 8;

/** What is asked of a process, fitting into so many columns. */
export function questionLine(
  { label, pid }: { label: string; pid: number | null },
  columns: number,
): string {
  const room = columns - ANSWER_COLUMNS;
  const fits = (text: string) => textWidth(text) <= room;
  const named = nameWithin(shortLabel(label), ` (PID ${pid}): `, room - textWidth(QUESTIONS[0]));
  const questions = [...named, `PID ${pid}: `].map((about) => about + QUESTIONS[0]);
  return [...questions, ...QUESTIONS].find(fits) ?? "?";
}

/** A name and what follows it, cut so that both fit; nothing where too little of it would be left. */
function nameWithin(name: string, rest: string, columns: number): string[] {
  if (textWidth(name + rest) <= columns) return [name + rest];
  const characters = [...name];
  const short = () => `${characters.join("").trimEnd()}…${rest}`;
  while (characters.length >= SHORTEST_NAME && textWidth(short()) > columns) characters.pop();
  return characters.length < SHORTEST_NAME ? [] : [short()];
}
