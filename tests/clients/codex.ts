/** Codex as a program that applications drive: JSON-RPC on stdin and stdout, without a model. */
import type { Child } from "../support/child.ts";
import { until } from "../support/until.ts";
import type { Workspace } from "../support/workspace.ts";

/** Milliseconds that Codex may take for an answer. */
const TIMEOUT = 60_000;

// deno-lint-ignore no-explicit-any -- a test knows what it asked for
type Message = any;

/** A running `codex app-server`. */
export class Codex {
  readonly #child: Child;
  #lastId = 0;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Starts it in a workspace; it ends with that. */
  static async start(
    workspace: Workspace,
    command: string,
    env: Record<string, string>,
  ): Promise<Codex> {
    const codex = new Codex(workspace.spawnCommand([command, "app-server"], { env }));
    await codex.ask("initialize", { clientInfo: { name: "persistproc-test", version: "1.0.0" } });
    await codex.#send({ method: "initialized" });
    return codex;
  }

  /** Asks, and returns the result. */
  async ask(method: string, params: unknown): Promise<Message> {
    const id = ++this.#lastId;
    await this.#send({ id, method, params });
    const { result, error } = await this.#message((message) => message.id === id, method);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Begins a thread, and returns its id once the server is connected. */
  async begin(server: string, cwd: string): Promise<string> {
    const { thread } = await this.ask("thread/start", { ephemeral: true, cwd });
    await this.#message(
      ({ method, params }) =>
        method === "mcpServer/startupStatus/updated" && params.name === server &&
        params.status === "ready",
      `the start of ${server}`,
    );
    return thread.id;
  }

  #send(message: unknown): Promise<void> {
    return this.#child.write(`${JSON.stringify(message)}\n`);
  }

  async #message(isIt: (message: Message) => boolean, what: string): Promise<Message> {
    return await until(() => {
      // The last line may not be whole yet.
      const lines = this.#child.stdout.split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line)).find(isIt);
    }, { what: () => `${what}: ${this.#child.describe()}`, timeout: TIMEOUT });
  }
}
