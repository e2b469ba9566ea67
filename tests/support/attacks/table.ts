/** The table of what was tried. */

/** One row. */
export interface AttackRow {
  attack: string;
  times: number;
  /** How often each status was answered; null for none at all. */
  statuses?: ReadonlyMap<number | null, number>;
  /** Resident MiB after half of them, and after all. */
  memory?: readonly [number, number];
}

/** Prints a row once it is certain that nothing was started. */
export async function tellAttack({ attack, times, statuses, memory }: AttackRow): Promise<void> {
  const answers = [...statuses ?? []].toSorted(([a], [b]) => (a ?? 0) - (b ?? 0))
    .map(([status, count]) => `${status ?? "closed"} ${count} x`);
  const cells = [
    attack,
    `${times} x`,
    "0 started",
    ...answers.length === 0 ? [] : [answers.join(", ")],
    ...memory === undefined
      ? []
      : [memory.map((mebibytes) => `${mebibytes.toFixed()} MiB`).join(", ")],
  ];
  await Deno.stderr.write(new TextEncoder().encode(`\nattack | ${cells.join(" | ")}\n`));
}
