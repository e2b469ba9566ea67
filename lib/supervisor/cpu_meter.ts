/** How much of a processor each run has used since it was last asked for. */
import type { ProcessEntry } from "../system/process_table.ts";

/** The shortest time over which a share is worth telling: the kernel counts in steps of 10 ms. */
export const SHORTEST_MILLISECONDS = 100;

interface Sample {
  at: number;
  /** What was told then; null when it was the first look. */
  percent: number | null;
  /** Milliseconds that each member had used. */
  used: Map<string, number>;
}

/** Remembers the last look at each run. */
export class CpuMeter {
  readonly #samples = new Map<string, Sample>();

  /**
   * The share of one processor, in percent, that the members of a run have used since the last
   * look; null when that was no time ago, or never.
   */
  measure(run: string, members: readonly ProcessEntry[], at: number): number | null {
    const last = this.#samples.get(run);
    const elapsed = last ? at - last.at : 0;
    if (last && elapsed < SHORTEST_MILLISECONDS) return last.percent;
    const used = new Map(members.map((member) => [`${member.pid} ${member.started}`, member.cpu]));
    let percent: number | null = null;
    if (last) {
      let sum = 0;
      for (const [name, cpu] of used) sum += Math.max(0, cpu - (last.used.get(name) ?? 0));
      percent = Math.round(1_000 * sum / elapsed) / 10;
    }
    this.#samples.set(run, { at, percent, used });
    return percent;
  }

  /** Forgets all runs but these. */
  keep(runs: ReadonlySet<string>): void {
    for (const run of this.#samples.keys()) if (!runs.has(run)) this.#samples.delete(run);
  }
}
