import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { mergeSorted } from "../../lib/logs/merge.ts";

Deno.test("merging sorted sequences is sorting all their items, those that compare equal by source", () => {
  const sources = fc.array(fc.array(fc.nat(20)).map((items) => items.sort((a, b) => a - b)));
  fc.assert(
    fc.property(sources, (sources) => {
      const tagged = sources.map((items, source) => items.map((key) => ({ key, source })));
      const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
      assertEquals(
        [...mergeSorted(tagged.map((items) => items.values()), compare)],
        tagged.flat().sort(compare),
      );
    }),
  );
});

Deno.test("a merge reads each source no further than needed", () => {
  let taken = 0;
  function* endless(from: number): Generator<number> {
    for (let n = from;; n += 2) {
      taken++;
      yield n;
    }
  }
  const merged = mergeSorted([endless(0), endless(1)], (a, b) => a - b);
  assertEquals([merged.next().value, merged.next().value, merged.next().value], [0, 1, 2]);
  assertEquals(taken, 4);
});
