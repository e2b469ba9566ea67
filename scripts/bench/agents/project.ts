/** The project at work: what happens to it while agents do their tasks. */
import type { Agent } from "../../../tests/support/agent.ts";
import { installPackages } from "../../../tests/support/npm.ts";
import { until } from "../../../tests/support/until.ts";
import { freePort, type Workspace } from "../../../tests/support/workspace.ts";
import { FILES, MISSING_MODULE, PAGE_MODULE, VITE } from "./shop.ts";

/** A copy of the project in a workspace. */
export class Project {
  readonly directory: string;
  readonly webPort = freePort();
  readonly apiPort = freePort();
  readonly #workspace: Workspace;

  private constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.directory = workspace.directory;
  }

  /** Writes the project and installs what it needs. */
  static async create(workspace: Workspace): Promise<Project> {
    const project = new Project(workspace);
    for (const [path, text] of Object.entries(FILES)) await workspace.write(path, text);
    await installPackages(workspace, VITE);
    return project;
  }

  /** What the programs of the project are told by their environment. */
  get environment(): Record<string, string> {
    return { WEB_PORT: String(this.webPort), API_PORT: String(this.apiPort) };
  }

  /** What is started for the web pages. */
  get web(): { command_or_label: string; working_directory: string; label: string } {
    return { command_or_label: "npm run dev", working_directory: this.directory, label: "web" };
  }

  /** Starts the API and the worker. */
  async startOthers(agent: Agent): Promise<void> {
    for (const label of ["api", "worker"]) {
      const { text, isError } = await agent.call("ctrl", {
        action: "start",
        command_or_label: `npm run ${label}`,
        working_directory: this.directory,
        label,
        environment: this.environment,
      });
      if (isError) throw new Error(text);
      const runs = async () => {
        const { text } = await agent.call("output", { command_or_label: label });
        return text.includes("listening") || text.includes("nothing to do");
      };
      await until(runs, { what: `${label} to run` });
    }
  }

  /** The edit that breaks the page. A browser that shows it loads it anew. */
  async damage(): Promise<void> {
    const broken = FILES[PAGE_MODULE].replace("./greeting.js", MISSING_MODULE);
    await this.#workspace.write(PAGE_MODULE, broken);
    void this.#load().catch(() => {});
  }

  /** Takes the damage back. */
  async repair(): Promise<void> {
    await this.#workspace.write(PAGE_MODULE, FILES[PAGE_MODULE]);
  }

  /** Opens the page in a browser, and waits until it is there. */
  async open(): Promise<void> {
    await until(async () => await this.#load().catch(() => null) === 200, {
      what: "the page",
      timeout: 60_000,
    });
  }

  /** Lets requests come to the API, ten minutes' worth in so many milliseconds. */
  async sendTraffic(milliseconds: number): Promise<void> {
    const url = `http://127.0.0.1:${this.apiPort}/traffic?milliseconds=${milliseconds}`;
    await (await fetch(url)).body?.cancel();
  }

  async #load(): Promise<number> {
    const origin = `http://127.0.0.1:${this.webPort}`;
    for (const path of ["/", "/src/greeting.js"]) await (await fetch(origin + path)).text();
    const main = await fetch(`${origin}/${PAGE_MODULE}`);
    await main.body?.cancel();
    return main.status;
  }
}
