/** What the server costs: at rest, and in memory. */
import type { Workspace } from "../../tests/support/workspace.ts";
import type { Row } from "./measure.ts";

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

export function amount(name: string, value: number, unit: string, aim: number): Row {
  const figure = `${value.toFixed(unit === "s" ? 2 : 1)} ${unit}`;
  return { name, measured: "", baseline: "", figure, aim: `< ${aim} ${unit}`, met: value < aim };
}

async function output(command: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function residentMebibytes(pid: number): Promise<number> {
  return Number(await output("ps", ["-o", "rss=", "-p", String(pid)])) / 1024;
}

/** CPU time used so far: in ticks of 10 ms on Linux (proc(5)), in hundredths from ps elsewhere. */
export async function cpuSeconds(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") {
    const [seconds = NaN, minutes = 0] = (await output("ps", ["-o", "time=", "-p", String(pid)]))
      .split(":").map(Number).reverse();
    return minutes * 60 + seconds;
  }
  const stat = await output("cat", [`/proc/${pid}/stat`]);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
