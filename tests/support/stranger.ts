/** A process that persistproc has nothing to do with, and that dies of any signal it gets. */
import { processState } from "./terminal.ts";
import type { Workspace } from "./workspace.ts";

/** It leads a session and a group of its own. Disposing of it ends it. */
export class Stranger implements AsyncDisposable {
  /** Its PID, process group and session. */
  readonly pid: number;
  readonly #process: Deno.ChildProcess;

  constructor(workspace: Workspace, command: readonly string[] = ["sleep", "4242"]) {
    const [program = "", ...args] = command;
    this.#process = new Deno.Command(program, {
      args,
      cwd: workspace.directory,
      // So that the workspace finds it, should the test be given up.
      env: workspace.environment,
      clearEnv: true,
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.pid = this.#process.pid;
  }

  /** Whether nobody has signalled it. */
  async isAlive(): Promise<boolean> {
    return await processState(this.pid) === "S";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
    }
    await this.#process.status;
  }
}
