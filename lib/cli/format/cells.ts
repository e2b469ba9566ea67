/** Text in the cells of a terminal. */
import { textWidth } from "../terminal/width.ts";

/** Exactly `width` columns: filled up with spaces, or cut with a mark, in the middle if asked. */
export function fitCell(text: string, width: number, cut: "end" | "middle" = "end"): string {
  const missing = width - textWidth(text);
  if (missing >= 0) return text + " ".repeat(missing);
  if (width <= 0) return "";
  const tail = cut === "middle" ? takeColumns([...text].reverse(), (width - 1) >> 1) : [];
  const head = takeColumns([...text], width - 1 - textWidth(tail.join("")));
  const kept = `${head.join("")}…${tail.reverse().join("")}`;
  // A wide character may have left one column over.
  return kept + " ".repeat(Math.max(0, width - textWidth(kept)));
}

function takeColumns(characters: readonly string[], columns: number): string[] {
  let used = 0;
  const taken: string[] = [];
  for (const character of characters) {
    used += textWidth(character);
    if (used > columns) break;
    taken.push(character);
  }
  return taken;
}
