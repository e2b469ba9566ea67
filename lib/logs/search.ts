/** Binary search over an index whose entries are costly to read. */

/**
 * The first of `count` positions for which `holds` is true, given that it is false up to some
 * position and true from there on; `count` when it never is. Looks around `near` first, so that
 * a neighbour of the last answer costs two or three tests. When `holds` is not monotone (the
 * index is damaged) some position comes out, in as many steps.
 */
export function firstWhere(
  count: number,
  near: number,
  holds: (position: number) => boolean,
): number {
  // Invariant: false (or nothing) at `low`, true (or nothing) at `high`.
  let low = -1;
  let high = count;
  let step = 1;
  let probe = Math.min(Math.max(near, 0), count - 1);
  while (probe > low && probe < high) {
    const holdsHere = holds(probe);
    if (holdsHere) high = probe;
    else low = probe;
    const next = holdsHere ? probe - step : probe + step;
    step *= 2;
    // The other side of the border is known: the rest is halving.
    if ((holdsHere && low >= 0) || (!holdsHere && high < count)) break;
    probe = Math.min(Math.max(next, low + 1), high - 1);
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
