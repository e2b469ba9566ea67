/** The word that was probably meant. */

/** The number of insertions, deletions, substitutions and swaps that make `a` of `b`. */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * How many typing mistakes make `word` of a candidate; the beginning of one counts as one. Infinity
 * when another word must have been meant.
 */
export function mistakes(word: string, candidate: string): number {
  if (candidate.startsWith(word) && word.length > 1) return 1;
  const most = word.length <= 4 ? 1 : 2;
  if (Math.abs(word.length - candidate.length) > most) return Infinity;
  const found = distance(word, candidate);
  return found > most ? Infinity : found;
}

/** The candidate nearest to a word, when one is near enough to be a typing mistake. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const found = mistakes(word, candidate);
    if (found < fewest) {
      best = candidate;
      fewest = found;
    }
  }
  return best;
}
