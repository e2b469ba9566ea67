/** A server that is attacked: what must not have happened to it afterwards. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { Api } from "./api.ts";
import type { Child } from "./child.ts";
import { residentMebibytes } from "./memory.ts";
import { outputOf } from "./output_of.ts";
import { until } from "./until.ts";
import { type RunOptions, Workspace } from "./workspace.ts";

/** Resident memory that the same load, once more, may add: garbage that is not collected yet. */
const SPARE_MEBIBYTES = 64;

/** Descriptors that may be open more than before: watches and the like come and go. */
const SPARE_DESCRIPTORS = 16;

/** A workspace whose server has one process, and what every attack tries: to start another. */
export class Attacked implements AsyncDisposable {
  readonly workspace: Workspace;
  readonly api: Api;
  readonly #server: Child;
  readonly #descriptors: number;

  private constructor(workspace: Workspace, server: Child, api: Api, descriptors: number) {
    this.workspace = workspace;
    this.api = api;
    this.#server = server;
    this.#descriptors = descriptors;
  }

  static async create(args: readonly string[] = [], options: RunOptions = {}): Promise<Attacked> {
    const workspace = await Workspace.create();
    try {
      const server = await workspace.serve(args, options);
      await workspace.runJson(["start", "--label", "own", "--", "sleep", "4242"]);
      return new Attacked(
        workspace,
        server,
        await Api.of(workspace),
        await openDescriptors(server.pid),
      );
    } catch (error) {
      await workspace[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.workspace.port;
  }

  /** The command that an attack wants to run: it leaves a file behind. */
  get command(): string {
    return `touch ${this.workspace.path("zzowned")}`;
  }

  /** The parameters of `ctrl` for it. */
  get start(): Record<string, unknown> {
    return {
      action: "start",
      command_or_label: this.command,
      working_directory: this.workspace.directory,
    };
  }

  /** A call of the tool that would start it, as JSON-RPC. */
  get call(): Record<string, unknown> {
    return {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "ctrl", arguments: this.start },
    };
  }

  /** Whether the command of the attack has run. */
  async hasRun(): Promise<boolean> {
    return await Deno.stat(this.workspace.path("zzowned")).then(() => true, () => false);
  }

  /** Fails unless nothing was started, and the server answers people and agents as before. */
  async assertUnharmed(): Promise<void> {
    assert(!await this.hasRun(), "the command of the attack has run");
    assertEquals(this.#server.ended, null, this.#server.describe());
    const processes = await this.workspace.processes();
    assertEquals(processes.map(({ label }: { label: string }) => label), ["own"]);
    const kept = await Array.fromAsync(
      Deno.readDir(join(this.workspace.dataDirectory, "processes")),
    );
    assertEquals(kept.length, 1);
    const log = await Deno.readTextFile(join(this.workspace.dataDirectory, "server.log"));
    assert(!log.includes("internal error"), log);
    await until(
      async () => await openDescriptors(this.#server.pid) <= this.#descriptors + SPARE_DESCRIPTORS,
      { what: "the end of all connections", timeout: 60_000 },
    );
  }

  /**
   * Lets an attack happen twice, and fails when the second time leaves more memory behind than
   * garbage explains.
   *
   * @returns resident MiB after the first and the second time.
   */
  async twice(attack: () => Promise<void>): Promise<[number, number]> {
    await attack();
    const first = await residentMebibytes(this.#server.pid);
    await attack();
    const second = await residentMebibytes(this.#server.pid);
    assert(second - first < SPARE_MEBIBYTES, `${first} MiB, then ${second} MiB`);
    return [first, second];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workspace[Symbol.asyncDispose]();
  }
}

/** How many descriptors a process has open. */
async function openDescriptors(pid: number): Promise<number> {
  const list = Deno.build.os === "linux"
    ? await outputOf("ls", `/proc/${pid}/fd`)
    : await outputOf("lsof", "-p", String(pid));
  return list.split("\n").length;
}
