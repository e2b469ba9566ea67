/** What all faults share: how often they are injected, chance that can be repeated, the table. */

/** Whether each fault is injected as often as promised, or a few times, as in CI. */
const everything = Deno.env.get("PERSISTPROC_FAULTS") !== "ci";

/** How many times to inject a fault: all of them, unless `PERSISTPROC_FAULTS` is `ci`. */
export function times(counts: { full: number; ci: number }): number {
  return everything ? counts.full : counts.ci;
}

/** The seed of all chance: `PERSISTPROC_SEED`, else a new one for all files of this run. */
function chooseSeed(): number {
  const given = Number(Deno.env.get("PERSISTPROC_SEED") || NaN);
  if (Number.isSafeInteger(given)) return given;
  const [chosen = 0] = crypto.getRandomValues(new Uint32Array(1));
  Deno.env.set("PERSISTPROC_SEED", String(chosen));
  return chosen;
}

/** Numbers that look random and are the same for the same seed and name (mulberry32). */
export class Chance {
  #state: number;
  readonly seed = chooseSeed();

  /** @param name Of the fault: each has chances of its own, whichever others are injected. */
  constructor(name: string) {
    this.#state = this.seed;
    for (const character of name) {
      this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 31);
    }
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** One of some values. */
  one<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new TypeError("nothing to choose from");
    return value;
  }

  /** So many bytes, of any value. */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** Lets a random part of so many milliseconds pass: the instant of a fault. */
  async instant(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.next() * milliseconds));
  }
}

/** A test with chances of its own, by that name; whatever fails in it says how to repeat it. */
export function byChance(
  name: string,
  test: (chance: Chance) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const chance = new Chance(name);
    try {
      await test(chance);
    } catch (error) {
      const what = error instanceof Error ? error.message : error;
      throw new Error(`with PERSISTPROC_SEED=${chance.seed}: ${what}`, { cause: error });
    }
  };
}

/** One row of the suite's table. */
export interface FaultRow {
  fault: string;
  /** How many times it was injected. */
  times: number;
  /** How many bytes of output were compared with what was written. */
  bytes?: number;
  /** What else is worth knowing. */
  note?: string;
}

/** Prints a row once everything in it has been found right: nothing was lost. */
export async function tell({ fault, times, bytes, note }: FaultRow): Promise<void> {
  const { seed } = new Chance(fault);
  const compared = bytes === undefined ? [] : [`${bytes} bytes compared`, "0 lost"];
  const cells = [fault, `${times} x`, ...compared, ...note === undefined ? [] : [note]];
  await Deno.stderr.write(
    new TextEncoder().encode(`\nfault | ${cells.join(" | ")} | PERSISTPROC_SEED=${seed}\n`),
  );
}
