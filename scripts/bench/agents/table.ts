/** The costs of both as a table in Markdown. */
import type { Cost } from "./session.ts";

/** The most that is aimed at: half of the calls, a quarter of the characters. */
const AIMS = { calls: 1 / 2, characters: 1 / 4 };

/** A row for each task. */
export function formatCosts(
  names: readonly string[],
  ours: readonly Cost[],
  theirs: readonly Cost[],
): string {
  const rows = names.map((name, index) => {
    const [our, their] = [ours[index], theirs[index]];
    if (our === undefined || their === undefined) throw new TypeError(`no costs of ${name}`);
    return [
      name,
      `${our.calls} / ${their.calls}`,
      `${our.characters} / ${their.characters}`,
      `${our.seconds.toFixed(1)} / ${their.seconds.toFixed(1)}`,
      missed(our, their),
    ];
  });
  const head = ["persistproc / original", "calls", "characters", "seconds", ""];
  const table = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return table.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function missed(our: Cost, their: Cost): string {
  const kinds = ["calls", "characters"] as const;
  const missed = kinds.filter((kind) => our[kind] > their[kind] * AIMS[kind]);
  return missed.length === 0 ? "met" : `MISSED: ${missed.join(", ")}`;
}
