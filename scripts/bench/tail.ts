/** What the last lines of a log cost, whatever its size. */
import { until } from "../../tests/support/until.ts";
import { Workspace } from "../../tests/support/workspace.ts";
import { compare, elapsed, type Row } from "./measure.ts";
import { spawnPiped } from "./piped.ts";
import { peakMebibytes } from "./usage.ts";

const MEBIBYTE = 1024 * 1024;
/** 100 lines of this length do not fit into a pipe: `output` stops there, and can be looked at. */
const lineBytes = 2_048;

/** In a workspace of its own, whose server keeps logs of any size. */
export async function benchmarkTail(): Promise<Row[]> {
  await using workspace = await Workspace.create();
  await workspace.serve(["-q"], { env: { PERSISTPROC_LOG_LIMIT: "4096M" } });
  await write(workspace, "small", 1 * MEBIBYTE);
  await write(workspace, "large", 2048 * MEBIBYTE);
  const read = (label: string) => () =>
    elapsed(() => workspace.run(["output", "--lines", "100", label]));
  const speed = await compare({
    name: "output --lines 100: 2 GiB against 1 MiB",
    rounds: 30,
    aim: 1.5,
    measured: read("large"),
    baseline: read("small"),
  });
  const small = await memory(workspace, "small");
  const large = await memory(workspace, "large");
  const growth = large - small;
  return [speed, {
    name: "memory of output: 2 GiB against 1 MiB",
    measured: `${large.toFixed(1)} MiB`,
    baseline: `${small.toFixed(1)} MiB`,
    figure: `${growth.toFixed(1)} MiB more`,
    aim: "< 20 MiB more",
    met: growth < 20,
  }];
}

async function write(workspace: Workspace, label: string, bytes: number): Promise<void> {
  const line = "x".repeat(lineBytes - 1);
  // It goes on running: of what has ended, the oldest is dropped beyond a total of 2 GiB.
  const script = `yes ${line} | head -c ${bytes}; exec sleep 1000`;
  const { log_stdout } = await workspace.runJson(["start", "--label", label, "sh", "-c", script]);
  const written = async () => (await Deno.stat(log_stdout)).size === bytes;
  await until(written, { what: `the log of ${label}`, timeout: 300_000 });
}

/** The memory that `output` has used when it has read everything and nobody has taken it yet. */
async function memory(workspace: Workspace, label: string): Promise<number> {
  await using child = spawnPiped(workspace, ["output", "--lines", "100", label]);
  let used = 0;
  const settled = async () => {
    const before = used;
    used = await peakMebibytes(child.pid);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return used > 0 && used === before;
  };
  await until(settled, { what: "the memory of output to settle" });
  return used;
}
