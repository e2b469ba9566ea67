/** What agents cost that search through everything, and that wait. */
import { until } from "../../tests/support/until.ts";
import { Workspace } from "../../tests/support/workspace.ts";
import { amount, compare, elapsed, type Row } from "./measure.ts";
import { cpuSeconds } from "./usage.ts";

const logBytes = 2 ** 30;
const waiters = 50;
const waitSeconds = 30;

/** About a GiB of log lines, and one with the rare word. */
const script = `awk 'BEGIN { for (i = 0; i < 1e9; i++) ` +
  `printf "[%d] GET /api/items/%d 200 in %d ms - the quick brown fox jumps over the dog %d\\n", ` +
  `i, i * 7 % 1000, i % 97, i * 31 % 65537 }' | head -c ${logBytes}; ` +
  `echo; echo a needle; exec sleep 1000`;

/** In a workspace of its own, whose server keeps logs of any size. */
export async function benchmarkSearching(): Promise<Row[]> {
  await using workspace = await Workspace.create();
  const { pid } = await workspace.serve(["-q"], { env: { PERSISTPROC_LOG_LIMIT: "4096M" } });
  const target = { command_or_label: "searched" };
  await workspace.run(["start", "--label", "searched", "--", "sh", "-c", script]);
  const { log_stdout } = (await workspace.processes())[0];
  await until(async () => (await Deno.stat(log_stdout)).size > logBytes, {
    what: "a GiB of output",
    timeout: 120_000,
  });
  const agent = await workspace.agent();
  const search = async () => {
    const { text } = await agent.call("output", { ...target, grep: "needle" });
    if (!text.startsWith("a needle\n")) throw new Error(text);
  };
  const grep = () => workspace.spawnCommand(["grep", "-c", "needle", log_stdout]).end();
  const searching = await compare({
    name: "a rare word in 1 GiB",
    rounds: 7,
    aim: 4,
    measured: () => elapsed(search),
    baseline: () => elapsed(grep),
  });
  const waiting = await benchmarkWaits(workspace, pid);
  await workspace.run(["stop", "--label", "searched"]);
  return [searching, ...waiting];
}

async function benchmarkWaits(workspace: Workspace, pid: number): Promise<Row[]> {
  const agents = await Promise.all(Array.from({ length: waiters }, () => workspace.agent()));
  const list = async () => {
    const { isError, text } = await agents[0]!.call("list"); // There are many.
    if (isError) throw new Error(text);
  };
  const alone = await elapsed(list);
  const before = await cpuSeconds(pid);
  const waits = agents.map((agent) =>
    agent.call("output", {
      command_or_label: "searched",
      wait_for: { pattern: "never", exit: true, timeout_seconds: waitSeconds },
    })
  );
  const during = await elapsed(list);
  for (const { text } of await Promise.all(waits)) {
    if (!text.endsWith("outcome timeout")) throw new Error(text);
  }
  const used = await cpuSeconds(pid) - before;
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  return [
    amount(`CPU while ${waiters} clients wait ${waitSeconds} s`, used, "s", 1),
    {
      name: `list while ${waiters} clients wait`,
      measured: `${during.toFixed(0)} ms`,
      baseline: `${alone.toFixed(0)} ms`,
      figure: `${(during / alone).toFixed(2)} x`,
      aim: "<= 3 x",
      met: during <= 3 * alone,
    },
  ];
}
