/** What it costs to be shown: the time from a write to an attached `run`, and its rest. */
import { outputOf } from "../../tests/support/output_of.ts";
import type { Workspace } from "../../tests/support/workspace.ts";
import { type Row, spread } from "./measure.ts";
import { spawnPiped } from "./piped.ts";
import { cpuSeconds } from "./usage.ts";

const lines = 1_000;
const restSeconds = 10;

/** Needs a server in the workspace. */
export async function benchmarkAttached(workspace: Workspace): Promise<Row[]> {
  await using viewer = spawnPiped(workspace, ["run", "--label", "quiet", "sleep", "1000"]);
  const { log_stdout } = await workspace.runJson(["start", "--label", "quiet", "sleep", "1000"]);
  const latencies = await visible(log_stdout, viewer.stdout);
  const rest = await restOf(viewer.pid, workspace.port);
  await workspace.run(["stop", "quiet"]);
  return [...latencies, ...rest];
}

/**
 * Writes lines to the log that the program has open, as it would itself, at uneven distances of some
 * milliseconds; each is waited for, so that one clock measures both ends.
 */
async function visible(log: string, shown: ReadableStream<Uint8Array>): Promise<Row[]> {
  using file = await Deno.open(log, { append: true });
  const reader = shown.getReader();
  const line = new TextEncoder().encode("a line of the program\n");
  const times: number[] = [];
  for (let n = 0; n <= lines; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1 + (n % 7)));
    const start = performance.now();
    file.writeSync(line);
    for (let count = 0; count < line.length;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the viewer has ended");
      count += value.length;
    }
    if (n > 0) times.push(performance.now() - start);
  }
  reader.releaseLock();
  const { median } = spread(times);
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
  const row = (name: string, value: number, aim: number): Row => ({
    ...{ name, measured: "", baseline: "" },
    ...{ figure: `${value.toFixed(2)} ms`, aim: `< ${aim} ms`, met: value < aim },
  });
  return [
    row("written to visible in run, median", median, 5),
    row("written to visible in run, p99", p99, 25),
  ];
}

async function restOf(viewer: number, port: number): Promise<Row[]> {
  const state = async () => ({
    cpu: await cpuSeconds(viewer),
    connections: await connections(port),
  });
  // What it did until now may still be on its way.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = await state();
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1_000));
  const after = await state();
  const cpu = after.cpu - before.cpu;
  const asked = after.connections !== before.connections;
  return [{
    name: `CPU of an idle run in ${restSeconds} s`,
    ...{ measured: "", baseline: "" },
    figure: `${cpu.toFixed(2)} s`,
    aim: "0.00 s",
    met: cpu < 0.01,
  }, {
    name: `requests of an idle run in ${restSeconds} s`,
    ...{ measured: "", baseline: "" },
    figure: asked ? "some" : "none",
    aim: "none",
    met: !asked,
  }];
}

/** Every connection of the port, also those just closed, and the bytes on it; Linux only. */
async function connections(port: number): Promise<string> {
  if (Deno.build.os !== "linux") return "";
  const text = await outputOf("ss", "-tnaiH", `( sport = :${port} )`);
  return (text.match(/^(?:ESTAB|TIME-WAIT).*|bytes_\w+:\d+/gm) ?? []).sort().join("\n");
}
