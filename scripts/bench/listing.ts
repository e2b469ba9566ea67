/** What `list` costs with many running processes, against the same with one. */
import type { Workspace } from "../../tests/support/workspace.ts";
import { elapsed, type Row, type Spread, spread } from "./measure.ts";

const processes = 100;
const rounds = 20;
const aim = 2;

/**
 * Needs a server without processes in the workspace. The one is measured before the others exist:
 * whatever lists processes has to look at all that there are on the machine.
 */
export async function benchmarkListing(workspace: Workspace): Promise<Row[]> {
  const start = (n: number) => workspace.run(["start", "--label", `n${n}`, "sleep", "1000"]);
  const list = () => elapsed(() => workspace.run(["list"]));
  await start(0);
  const one = await repeat(list);
  for (let n = 1; n < processes; n++) await start(n);
  const many = await repeat(list);
  for (let n = 0; n < processes; n++) await workspace.run(["stop", "--label", `n${n}`]);
  const ratio = many.median / one.median;
  return [{
    name: `list with ${processes} running, against one`,
    measured: milliseconds(many),
    baseline: milliseconds(one),
    figure: `${ratio.toFixed(2)} x`,
    aim: `<= ${aim} x`,
    met: ratio <= aim,
  }];
}

/** The first round does not count: what was never asked is measured for a tenth of a second. */
async function repeat(measure: () => Promise<number>) {
  await measure();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  return spread(times);
}

function milliseconds({ median, lowest, highest }: Spread): string {
  return `${median.toFixed(1)} ms (${lowest.toFixed(1)}..${highest.toFixed(1)})`;
}
