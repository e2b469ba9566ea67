/** What 200 processes cost: starting, taking over and stopping them all. */
import type { Agent } from "../../tests/support/agent.ts";
import { Workspace } from "../../tests/support/workspace.ts";
import { elapsed, type Row, spread } from "./measure.ts";

const processes = 200;
const rounds = 3;

/** In a workspace of its own, whose server is killed and started again. */
export async function benchmarkMany(): Promise<Row[]> {
  await using workspace = await Workspace.create();
  const times = { start: [] as number[], adopt: [] as number[], stop: [] as number[] };
  let server = await workspace.serve();
  for (let round = 0; round < rounds; round++) {
    let agent = await workspace.agent();
    times.start.push(await elapsed(() => all((n) => start(workspace, agent, n))));
    server.kill("SIGKILL");
    await server.end();
    // From the start of the server to its first answer, which it gives when all are taken over.
    times.adopt.push(
      await elapsed(async () => {
        server = await workspace.serve();
        await workspace.run(["list", "--running"]);
      }),
    );
    agent = await workspace.agent();
    times.stop.push(await elapsed(() => all((n) => stop(agent, n))));
  }
  return [
    row(`${processes} processes started`, times.start, 5),
    row(`${processes} processes taken over and listed`, times.adopt, 2),
    row(`${processes} processes stopped`, times.stop, 3),
  ];
}

async function all(act: (n: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: processes }, (_, n) => act(n)));
}

async function start(workspace: Workspace, agent: Agent, n: number): Promise<void> {
  await ctrl(agent, {
    action: "start",
    command_or_label: "sleep 1000",
    label: `number ${n}`,
    working_directory: workspace.directory,
  });
}

async function stop(agent: Agent, n: number): Promise<void> {
  await ctrl(agent, { action: "stop", command_or_label: `number ${n}` });
}

async function ctrl(agent: Agent, parameters: Record<string, unknown>): Promise<void> {
  const { isError, text } = await agent.call("ctrl", parameters);
  if (isError) throw new Error(text);
}

function row(name: string, milliseconds: number[], aim: number): Row {
  const { median, lowest, highest } = spread(milliseconds.map((value) => value / 1000));
  const figure = `${median.toFixed(2)} (${lowest.toFixed(2)}..${highest.toFixed(2)}) s`;
  return { name, measured: "", baseline: "", figure, aim: `< ${aim} s`, met: median < aim };
}
