/** What all benchmarks share: interleaved rounds, medians, and rows of the table. */

/** One line of the table. */
export interface Row {
  name: string;
  /** What was measured and what it is compared with, as text with units. */
  measured: string;
  baseline: string;
  /** The figure that the aim is about: a ratio or an amount. */
  figure: string;
  aim: string;
  met: boolean;
}

/** Middle value and extremes of some rounds. */
export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

/** The spread of some numbers; of none, all are NaN. */
export function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, lowest: at(0), highest: at(sorted.length - 1) };
}

/** A row about an amount that is to stay below its aim. */
export function amount(name: string, value: number, unit: string, aim: number): Row {
  const figure = `${value.toFixed(unit === "s" ? 2 : 1)} ${unit}`;
  return { name, measured: "", baseline: "", figure, aim: `< ${aim} ${unit}`, met: value < aim };
}

/** Milliseconds that something takes. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Two ways of doing the same, each giving its milliseconds. */
export interface Comparison {
  name: string;
  rounds: number;
  /** The highest ratio that is aimed at. */
  aim: number;
  measured: () => Promise<number>;
  baseline: () => Promise<number>;
}

/**
 * Runs both in turns, so that what else the machine does hits both, in changing order, after one
 * round that does not count. The figure is the median of the rounds' ratios.
 */
export async function compare(comparison: Comparison): Promise<Row> {
  const measured: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round <= comparison.rounds; round++) {
    const turns = [
      async () => measured.push(await comparison.measured()),
      async () => baseline.push(await comparison.baseline()),
    ];
    for (const turn of round % 2 ? turns.reverse() : turns) await turn();
  }
  const ratios = spread(measured.map((value, round) => value / (baseline[round] ?? NaN)).slice(1));
  return {
    name: comparison.name,
    measured: milliseconds(spread(measured.slice(1))),
    baseline: milliseconds(spread(baseline.slice(1))),
    figure: `${show(ratios, 2)} x`,
    aim: `<= ${comparison.aim} x`,
    met: ratios.median <= comparison.aim,
  };
}

function milliseconds(values: Spread): string {
  return `${show(values, values.median < 100 ? 1 : 0)} ms`;
}

/** Median, lowest and highest: `20 (18..31)`. */
function show({ median, lowest, highest }: Spread, digits: number): string {
  const [middle, low, high] = [median, lowest, highest].map((value) => value.toFixed(digits));
  return `${middle} (${low}..${high})`;
}

/** Rows as a table in plain text. */
export function formatTable(rows: Row[]): string {
  const head = ["", "persistproc", "plain", "figure", "aim", ""];
  const cells = rows.map((row) => [
    row.name,
    row.measured,
    row.baseline,
    row.figure,
    row.aim,
    row.met ? "met" : "MISSED",
  ]);
  const table = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .join("\n") + "\n";
}
