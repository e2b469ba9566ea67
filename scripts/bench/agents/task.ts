/** What every task has: what is to be found out, and how with the one program and with the other. */
import type { Agent } from "../../../tests/support/agent.ts";
import type { Project } from "./project.ts";
import type { Session } from "./session.ts";

/** How long an agent waits before it asks again whether something is done. */
export const PATIENCE_SECONDS = 3;

/** Ten minutes take ten seconds. */
export const SPEED = 60;

/** A task. Each way returns what the agent has learned, by the words that the answers had for it. */
export interface Task {
  name: string;
  /** What has to be learned. */
  facts(project: Project): string[];
  /** What happens before, at nobody's expense; the agent is somebody else then. */
  prepare?(project: Project, agent: Agent): Promise<void>;
  persistproc(session: Session, project: Project): Promise<string[]>;
  original(session: Session, project: Project): Promise<string[]>;
}

/** What stands in a text for each group of an expression, all matches of it in their order. */
export function found(text: string, expression: RegExp): string[] {
  return [...text.matchAll(expression)].flatMap(([, ...groups]) => groups);
}

/** The time of the last line in an answer of the original's `output`. */
export function timeOfLast(answer: string): string | undefined {
  const lines: string[] = JSON.parse(answer).output;
  return lines.at(-1)?.split(" ", 1)[0];
}
