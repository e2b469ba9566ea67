/** An agent at work: whatever it asks and is told, counted. */
import type { Agent } from "../../../tests/support/agent.ts";

/** What a task has cost an agent. */
export interface Cost {
  calls: number;
  /** Characters of the answers, which is what a model has to read. */
  characters: number;
  /** By the clock, pauses included. */
  seconds: number;
}

/** One task of one agent. */
export class Session {
  readonly #agent: Agent;
  readonly #begun = performance.now();
  #calls = 0;
  #characters = 0;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Calls a tool; an answer that is an error ends the benchmark. */
  async call(tool: string, parameters: Record<string, unknown>): Promise<string> {
    const { text, isError } = await this.#agent.call(tool, parameters);
    if (isError) throw new Error(`${tool} ${JSON.stringify(parameters)}: ${text}`);
    this.#calls++;
    this.#characters += text.length;
    return text;
  }

  /** Waits, as by `sleep` in a shell; that this, too, is a call of a tool is not counted. */
  async pause(seconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }

  /** Seconds since the task began. */
  get seconds(): number {
    return (performance.now() - this.#begun) / 1_000;
  }

  get cost(): Cost {
    return { calls: this.#calls, characters: this.#characters, seconds: this.seconds };
  }
}
