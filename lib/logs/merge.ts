/** Several sorted sequences as one. */

/**
 * The items of all `sources` in the order of `compare`, reading each source only as far as needed.
 * Each must be in that order itself; items that compare equal come in the order of their sources.
 */
export function* mergeSorted<T>(
  sources: Iterable<Iterator<T>>,
  compare: (a: T, b: T) => number,
): Generator<T, void> {
  const heads: { item: T; rest: Iterator<T> }[] = [];
  for (const rest of sources) {
    const first = rest.next();
    if (!first.done) heads.push({ item: first.value, rest });
  }
  // There are two sources per run shown: looking at each head costs less than keeping a heap.
  while (heads.length > 0) {
    let least = heads[0]!; // The loop's condition says that there is one.
    for (const head of heads) {
      if (compare(head.item, least.item) < 0) least = head;
    }
    yield least.item;
    const next = least.rest.next();
    if (next.done) heads.splice(heads.indexOf(least), 1);
    else least.item = next.value;
  }
}
