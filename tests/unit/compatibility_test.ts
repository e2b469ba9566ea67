/** The table of the original's cases is complete, and the tests it speaks of exist. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { projectDirectory } from "../support/program.ts";

const CASES = 140;

async function testNumbers(): Promise<Set<number>> {
  const numbers = new Set<number>();
  for (const kind of ["unit", "e2e"]) {
    const directory = join(projectDirectory, "tests", kind);
    for await (const { name } of Deno.readDir(directory)) {
      if (!name.endsWith("_test.ts")) continue;
      const source = await Deno.readTextFile(join(directory, name));
      for (const [, text = ""] of source.matchAll(/["`]([KF]\d{1,3} [^"`]*)["`]/g)) {
        for (const [, number] of text.matchAll(/\b[KF](\d{1,3})\b/g)) numbers.add(Number(number));
      }
    }
  }
  return numbers;
}

Deno.test("each of the original's cases is in the table once, with a test if it holds", async () => {
  const table = await Deno.readTextFile(join(projectDirectory, "docs", "compatibility.md"));
  const rows = [...table.matchAll(/^\| ([KF])(\d+) \| .* \| (holds|changed|later|gone) \| .*\|$/gm)]
    .map(([, , number, status]) => ({ number: Number(number), status: status ?? "" }));
  assertEquals(rows.map(({ number }) => number), Array.from({ length: CASES }, (_, n) => n + 1));

  const counts = [...table.matchAll(/^\| (holds|changed|later|gone) \| .* \| (\d+) \|$/gm)]
    .map(([, status, count]) => [status, Number(count)]);
  const counted = ["holds", "changed", "later", "gone"].map((status) => [
    status,
    rows.filter((row) => row.status === status).length,
  ]);
  assertEquals(counts, counted);

  const tested = await testNumbers();
  const untested = rows.filter(({ number, status }) =>
    (status === "holds" || status === "changed") && !tested.has(number)
  );
  assertEquals(untested, []);
  assertEquals([...tested].filter((number) => number < 1 || number > CASES), []);
});
