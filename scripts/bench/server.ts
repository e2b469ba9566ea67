/** What the server costs: at rest, and in memory. */
import { residentMebibytes } from "../../tests/support/memory.ts";
import type { Workspace } from "../../tests/support/workspace.ts";
import { amount, type Row } from "./measure.ts";
import { cpuSeconds } from "./usage.ts";

const processes = 20;
const restSeconds = 30;
const toolCalls = 1000;

/** Needs a server, just started, in the workspace. */
export async function benchmarkMemory(workspace: Workspace, pid: number): Promise<Row[]> {
  const fresh = await residentMebibytes(pid);
  const agent = await workspace.agent();
  await workspace.run(["start", "sh", "-c", "seq 1000; exec sleep 1000"]);
  for (let call = 0; call < toolCalls; call++) {
    const target = { command_or_label: "sh -c 'seq 1000; exec sleep 1000'" };
    const { isError, text } = await (call % 2 ? agent.call("list") : agent.call("output", target));
    if (isError) throw new Error(text);
  }
  const used = await residentMebibytes(pid);
  await workspace.run(["stop", "sh", "-c", "seq 1000; exec sleep 1000"]);
  return [
    amount("memory of a fresh server", fresh, "MiB", 80),
    amount(`memory after ${toolCalls} tool calls`, used, "MiB", 100),
  ];
}

/** Needs a server in the workspace. */
export async function benchmarkRest(workspace: Workspace, pid: number): Promise<Row[]> {
  for (let n = 0; n < processes; n++) await workspace.run(["start", "sleep", String(1000 + n)]);
  const before = await cpuSeconds(pid);
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  const used = await cpuSeconds(pid) - before;
  for (let n = 0; n < processes; n++) await workspace.run(["stop", "sleep", String(1000 + n)]);
  return [
    amount(`CPU in ${restSeconds} s with ${processes} quiet processes`, used, "s", 0.1),
  ];
}
