/** A supervisor of its own for a test, in this process, with real children and a temp directory. */
import { join } from "@std/path";
import type { LocatedProcess } from "../../lib/protocol/process.ts";
import type { CtrlRequest, LocatedCtrlResult } from "../../lib/protocol/requests.ts";
import { Supervisor, type SupervisorOptions } from "../../lib/supervisor/supervisor.ts";
import { findLeftovers, killLeftovers, type Leftover } from "./leftovers.ts";
import { logText } from "./log_files.ts";
import { processState } from "./terminal.ts";
import { until } from "./until.ts";

/** What a start may say besides the command. */
export type StartOptions = Partial<Omit<CtrlRequest, "action">> & {
  /** Who starts; `terminal` otherwise. */
  by?: string;
  /** The complete environment of the caller; null for a caller that passes none. */
  callerEnvironment?: Record<string, string> | null;
};

/** What a test may replace of a supervisor. */
export type BenchOptions = Partial<
  Omit<SupervisorOptions, "environment" | "report">
>;

/** Temporary directories and a supervisor. Disposing stops everything and fails if something lives. */
export class Bench implements AsyncDisposable {
  /** The directory that programs are started in, with every symbolic link resolved. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** What callers pass on unless a test says otherwise. It names the directory, to be found by. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the supervisor reported. */
  readonly reports: string[] = [];
  supervisor: Supervisor;
  readonly #root: string;
  readonly #options: BenchOptions;

  private constructor(root: string, environment: Record<string, string>, options: BenchOptions) {
    this.#root = root;
    this.directory = join(root, "work");
    this.dataDirectory = options.dataDirectory ?? join(root, "data");
    this.environment = environment;
    this.#options = options;
    // Set by `create` before anybody can see it.
    this.supervisor = undefined as unknown as Supervisor;
  }

  /** Makes the directories and opens a supervisor. */
  static async create(options: BenchOptions = {}): Promise<Bench> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "persistproc-test-" }));
    await Deno.mkdir(join(root, "work"));
    const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: join(root, "work") };
    const bench = new Bench(root, environment, options);
    await bench.open();
    return bench;
  }

  /** Opens a supervisor on the data directory; the one before has to be shut down. */
  async open(): Promise<void> {
    this.supervisor = await Supervisor.open({
      ...this.#options,
      dataDirectory: this.dataDirectory,
      environment: this.environment,
      report: (message) => this.reports.push(message),
    });
  }

  /** Ends the supervision, leaves everything running, lets something happen, and opens again. */
  async reopen(meanwhile: () => unknown = () => {}): Promise<void> {
    await this.supervisor.shutdown({ keep: true });
    await meanwhile();
    await this.open();
  }

  /** A path in the directory that programs are started in. */
  path(...segments: string[]): string {
    return join(this.directory, ...segments);
  }

  /** Writes a file there, executable unless told otherwise, and returns its path. */
  async write(name: string, text: string, mode = 0o755): Promise<string> {
    const path = this.path(name);
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    return path;
  }

  /** Starts an argument list. */
  async start(command: readonly string[], options: StartOptions = {}): Promise<LocatedCtrlResult> {
    const { by = "terminal", callerEnvironment = this.environment, ...request } = options;
    return await this.supervisor.ctrl({ action: "start", command: [...command], ...request }, {
      name: by,
      environment: callerEnvironment ?? undefined,
      working_directory: this.directory,
    });
  }

  /** Starts a line of shell script. */
  async sh(script: string, options: StartOptions = {}): Promise<LocatedCtrlResult> {
    return await this.start(["sh", "-c", script], options);
  }

  /** Starts a line of shell script and waits until it has printed `ready`. */
  async shReady(script: string, options: StartOptions = {}): Promise<LocatedCtrlResult> {
    const result = await this.sh(script, options);
    await this.printed(result, "ready");
    return result;
  }

  /**
   * What is said of a program that cannot be executed: by the answer of its start, or, where its
   * shell takes long to try, afterwards.
   */
  async failure(command: readonly string[], options: StartOptions = {}): Promise<string> {
    const outcome = await this.start(command, options).catch((error) => error);
    return outcome instanceof Error ? outcome.message : (await this.ended(outcome)).reason;
  }

  /** Stops what a result or a target names. */
  async stop(
    target: Partial<CtrlRequest>,
    options: { by?: string } = {},
  ): Promise<LocatedCtrlResult> {
    return await this.#act("stop", target, options.by);
  }

  /** Restarts what a target names. */
  async restart(
    target: Partial<CtrlRequest>,
    options: { by?: string } = {},
  ): Promise<LocatedCtrlResult> {
    return await this.#act("restart", target, options.by);
  }

  async #act(
    action: "stop" | "restart",
    target: Partial<CtrlRequest>,
    by = "terminal",
  ): Promise<LocatedCtrlResult> {
    return await this.supervisor.ctrl({ ...target, action }, {
      name: by,
      working_directory: this.directory,
    });
  }

  /** A process as it is now. */
  now({ process }: { process: string }): LocatedProcess {
    const event = this.supervisor.location(process);
    if (event === null) throw new Error(`process ${process} is not known`);
    return event.process;
  }

  /** Waits until the current run of a process has ended. */
  async ended(process: { process: string }): Promise<LocatedProcess> {
    return await until(() => {
      const now = this.now(process);
      return now.status === "exited" || now.status === "failed" ? now : null;
    }, { what: () => `the end of ${JSON.stringify(this.now(process))}` });
  }

  /** Waits until the current run of a process has written a text. */
  async printed(
    process: { process: string },
    text: string,
    stream: "stdout" | "stderr" = "stdout",
  ): Promise<void> {
    const written = () => logText(this.now(process)[`log_${stream}`]);
    await until(async () => (await written()).includes(text), {
      what: `${JSON.stringify(text)} on ${stream}`,
    });
  }

  /** Whether a process exists and is no zombie. */
  async lives(pid: number | null): Promise<boolean> {
    return pid !== null && await processState(pid) !== null;
  }

  /** The PIDs of the programs, keepers and descendants that run. */
  async running(): Promise<number[]> {
    return (await findLeftovers(this.#root)).map(({ pid }) => pid);
  }

  /** Whoever still runs is killed, however the test ended; a test that passed has left nobody. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: string[] = [];
    await this.#shutDown().catch((error) => failures.push(`no shutdown: ${error}`));
    let left: Leftover[] = [];
    // A keeper ends a moment after it has written how its program did.
    await until(async () => (left = await findLeftovers(this.#root)).length === 0, {
      what: "the end of all",
      timeout: 2_000,
    }).catch(() => {});
    for (const { pid, command } of left) failures.push(`left running: PID ${pid}: ${command}`);
    await killLeftovers(this.#root, left);
    await Deno.remove(this.#root, { recursive: true });
    if (failures.length > 0) throw new Error(failures.join("\n"));
  }

  /** Without patience: what a test is about is over. */
  async #shutDown(): Promise<void> {
    const running = await this.supervisor.list({ running_only: true });
    // A test may have shut the supervisor down itself, or a stop may be under way.
    for (const { pid } of running) {
      await this.stop({ pid: pid ?? undefined, force: true }).catch(() => {});
    }
    await this.supervisor.shutdown({ keep: false });
  }
}

/** The bytes of a file, as text with one character a byte. */
export async function readBytes(path: string): Promise<string> {
  return Array.from(await Deno.readFile(path), (byte) => String.fromCharCode(byte)).join("");
}
