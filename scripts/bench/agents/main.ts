/**
 * Five tasks of a coding agent, done with this persistproc and with the original, in the calls that
 * the tools' own descriptions suggest: how many there are, and how much a model has to read.
 */
import { Agent } from "../../../tests/support/agent.ts";
import { until } from "../../../tests/support/until.ts";
import { Workspace } from "../../../tests/support/workspace.ts";
import { installOriginal } from "./original.ts";
import { Project } from "./project.ts";
import { type Cost, Session } from "./session.ts";
import { formatCosts } from "./table.ts";
import type { Task } from "./task.ts";
import { breakingEdit } from "./tasks/breaking_edit.ts";
import { follow } from "./tasks/follow.ts";
import { ports } from "./tasks/ports.ts";
import { restart } from "./tasks/restart.ts";
import { start } from "./tasks/start.ts";

/** In their order: each finds what those before have left, as in a day's work. */
const TASKS: readonly Task[] = [start, breakingEdit, restart, follow, ports];

interface Result {
  costs: Cost[];
  /** Characters that a model is told of the tools before its first call. */
  told: number;
}

/** All tasks with one of the two. */
async function work(
  side: "persistproc" | "original",
  workspace: Workspace,
  agent: Agent,
): Promise<Result> {
  const project = await Project.create(workspace);
  const costs: Cost[] = [];
  for (const task of TASKS) {
    await task.prepare?.(project, agent);
    const session = new Session(agent);
    const learned = await task[side](session, project);
    costs.push(session.cost);
    const facts = task.facts(project);
    if (learned.join() !== facts.join()) {
      throw new Error(`${side}, ${task.name}: learned ${learned}, not ${facts}`);
    }
  }
  const tools = (await agent.tools()).map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
  }));
  const instructions = agent.client.getInstructions() ?? "";
  return { costs, told: JSON.stringify(tools).length + instructions.length };
}

async function withPersistproc(): Promise<Result> {
  await using workspace = await Workspace.create();
  await workspace.serve(["-q"]);
  return await work("persistproc", workspace, await workspace.agent());
}

async function withOriginal(): Promise<Result> {
  const program = await installOriginal();
  await using workspace = await Workspace.create();
  workspace.spawnCommand([program, "serve", "-q"]);
  await using agent = await until(
    () => Agent.connect(`${workspace.url}/`, { era: "v1" }).catch(() => null),
    { what: "the original's server", timeout: 60_000 },
  );
  return await work("original", workspace, agent);
}

const [ours, theirs] = [await withPersistproc(), await withOriginal()];
const text = formatCosts(TASKS.map(({ name }) => name), ours.costs, theirs.costs) +
  `\nTold of the tools before the first call: ${ours.told} / ${theirs.told} characters.\n`;
await Deno.stdout.write(new TextEncoder().encode(text));
