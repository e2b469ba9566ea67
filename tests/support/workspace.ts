/** A place of its own for a test: directories, port, server, terminals and agents, and their end. */
import { dirname, join, resolve } from "@std/path";
import { Agent, type AgentOptions } from "./agent.ts";
import { Child, type Ended } from "./child.ts";
import { findLeftovers, killLeftovers, type Leftover, notStartedBy } from "./leftovers.ts";
import { isolatedEnvironment, programCommand } from "./program.ts";
import { until } from "./until.ts";

/** How a command is run in a workspace. */
export interface RunOptions {
  /** Text for its standard input; without it, a command run to its end reads nothing. */
  stdin?: string;
  /** Laid over the environment of the workspace; undefined removes a variable. */
  env?: Record<string, string | undefined>;
  /** Its directory, relative to that of the workspace. */
  cwd?: string;
  /** Milliseconds that a command run to its end may take. */
  timeout?: number;
}

/** What the data directory's `server.json` says. */
export interface ServerFile {
  pid: number;
  port: number;
  version: string;
}

/**
 * Temporary directories, a free port, and everything started with them. Disposing ends it all, and
 * fails when a server does not shut down, or leaves a process of its own behind.
 *
 * ```ts
 * await using workspace = await Workspace.create();
 * await workspace.serve();
 * const { stdout } = await workspace.run(["list"]);
 * ```
 */
export class Workspace implements AsyncDisposable {
  /** The working directory of commands, with every symbolic link resolved. */
  readonly directory: string;
  readonly dataDirectory: string;
  readonly port: number;
  /** What every command gets, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #children = new Set<Child>();
  readonly #agents = new Set<Agent>();

  private constructor(root: string, port: number, environment: Record<string, string>) {
    this.#root = root;
    this.directory = join(root, "work");
    this.dataDirectory = join(root, "data");
    this.port = port;
    this.environment = {
      ...environment,
      PERSISTPROC_DATA_DIR: this.dataDirectory,
      PERSISTPROC_PORT: String(port),
    };
  }

  /** Makes the directories and finds a port; starts nothing. */
  static async create(): Promise<Workspace> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "persistproc-test-" }));
    for (const name of ["work", "home", "tmp"]) await Deno.mkdir(join(root, name));
    return new Workspace(root, freePort(), await isolatedEnvironment(root));
  }

  /** The same with a server that says little, and with these files, by their paths. */
  static async serving(files: Readonly<Record<string, string>> = {}): Promise<Workspace> {
    const workspace = await Workspace.create();
    try {
      await workspace.serve(["-q"]);
      for (const [path, text] of Object.entries(files)) await workspace.write(path, text);
      return workspace;
    } catch (error) {
      await workspace[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The URL that agents connect to. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** A path in the working directory. */
  path(...segments: string[]): string {
    return resolve(this.directory, ...segments);
  }

  /** Writes a file in the working directory and returns its path. */
  async write(path: string, text: string, options: { mode?: number } = {}): Promise<string> {
    const file = this.path(path);
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text, options);
    return file;
  }

  /** The argument list that runs persistproc with these arguments. */
  command(args: readonly string[]): string[] {
    return [...programCommand, ...args];
  }

  /** Starts persistproc and returns at once. */
  spawn(args: readonly string[], options: RunOptions = {}): Child {
    return this.spawnCommand([...programCommand, ...args], options);
  }

  /** Starts any command in this workspace and returns at once. */
  spawnCommand(command: readonly string[], options: RunOptions = {}): Child {
    const env = this.#environmentOf(options);
    const cwd = this.path(options.cwd ?? ".");
    const child = new Child({ command, cwd, env, stdin: options.stdin ?? null });
    this.#children.add(child);
    return child;
  }

  /** Runs persistproc to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.spawn(args, { stdin: "", ...options });
    return await child.end({ timeout: options.timeout });
  }

  /** Runs persistproc with `--format json` and reads its answer; any failure throws. */
  // deno-lint-ignore no-explicit-any -- a test knows what the command that it runs answers
  async runJson(args: readonly string[], options: RunOptions = {}): Promise<any> {
    const { code, stdout, stderr } = await this.run(["--format", "json", ...args], options);
    if (code !== 0) throw new Error(`${args.join(" ")} exited with ${code}:\n${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** The processes that `list` names. */
  // deno-lint-ignore no-explicit-any -- the facts of a process, as the command line says them
  async processes(): Promise<any[]> {
    return (await this.runJson(["list"])).processes;
  }

  /** Starts a server in the foreground of a child, and waits until it answers. */
  async serve(args: readonly string[] = [], options: RunOptions = {}): Promise<Child> {
    const child = this.spawn(["serve", ...args], options);
    const answers = async () => {
      if (child.ended) throw new Error(`no server: ${child.describe()}`);
      return (await this.server())?.pid === child.pid && await this.isServing();
    };
    await until(answers, { what: () => `an answer of ${child.describe()}` });
    return child;
  }

  /** Whether a server answers on the port of this workspace. */
  async isServing(): Promise<boolean> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}/health`);
      await response.body?.cancel();
      // One that wants the token is there, too.
      return response.ok || response.status === 403;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  /** What the data directory says of its server, which need not run any more; null without one. */
  async server(): Promise<ServerFile | null> {
    try {
      return JSON.parse(await Deno.readTextFile(join(this.dataDirectory, "server.json")));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  /** Connects an agent to the server of this workspace. */
  async agent(options: AgentOptions = {}): Promise<Agent> {
    const agent = await Agent.connect(this.url, options);
    this.#agents.add(agent);
    return agent;
  }

  /** Connects an agent over stdio, by a bridge that it starts in this workspace. */
  async bridge(options: AgentOptions & RunOptions = {}): Promise<Agent> {
    const command = [...programCommand, "mcp"];
    const agent = await Agent.connect({
      command,
      cwd: this.path(options.cwd ?? "."),
      env: this.#environmentOf(options),
    }, options);
    this.#agents.add(agent);
    return agent;
  }

  #environmentOf(options: RunOptions): Record<string, string> {
    const env: Record<string, string> = { ...this.environment };
    for (const [name, value] of Object.entries(options.env ?? {})) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
    return env;
  }

  /** Everything that still runs of what was started here, the test's own children included. */
  async running(): Promise<Leftover[]> {
    return await findLeftovers(this.#root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: string[] = [];
    for (const agent of this.#agents) await agent[Symbol.asyncDispose]();
    const shutDown = await this.#shutDown().catch((error) => {
      failures.push(String(error instanceof Error ? error.message : error));
      return false;
    });
    let running: Leftover[] = [];
    let left: Leftover[] = [];
    const noneIsLeft = async () => {
      running = await this.running();
      left = notStartedBy([...this.#children].map((child) => child.pid), running);
      return left.length === 0;
    };
    if (shutDown) {
      // A viewer whose terminal was closed a moment ago is still leaving.
      await until(noneIsLeft, {
        what: () => left.map(({ pid, command }) => `  PID ${pid}: ${command}`).join("\n"),
        timeout: 5_000,
      }).catch(({ message }) => failures.push(`after the server has shut down: ${message}`));
    }
    await killLeftovers(this.#root, running);
    for (const child of this.#children) await child[Symbol.asyncDispose]();
    await Deno.remove(this.#root, { recursive: true });
    if (failures.length === 0) return;
    // Said here, too: after a failure of the test itself, Deno shows neither the one nor the other.
    const message = failures.join("\n");
    await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
    throw new Error(message);
  }

  /** Asks the server, if there is one, to stop its processes and end; says whether it did. */
  async #shutDown(): Promise<boolean> {
    const server = await this.server();
    const runs = async () => (await this.running()).some(({ pid }) => pid === server?.pid);
    if (!server || !await runs()) return false;
    const token = (await Deno.readTextFile(join(this.dataDirectory, "token"))).trim();
    const response = await fetch(`http://127.0.0.1:${server.port}/api/shutdown`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${token}`,
        "content-type": "application/json",
        "x-persistproc-version": server.version,
      },
      body: JSON.stringify({ keep: false }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`shutdown: ${response.status} ${answer}`);
    await until(async () => !await runs(), { what: `the end of the server, PID ${server.pid}` });
    return true;
  }
}

/**
 * A port of 127.0.0.1 that nothing listens on. None of those that systems give to connections and to
 * whoever asks for any port (ip(7), `ip_local_port_range`): nobody gets it by chance meanwhile.
 */
export function freePort(): number {
  for (;;) {
    // Above 10080, the highest one that `fetch` refuses (Fetch Standard, "bad port").
    const port = 11_000 + Math.floor(Math.random() * 19_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
