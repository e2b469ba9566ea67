/** Terminals as people have them: pseudo-terminals, by the system's `script`, with a shell or not. */
import { assertMatch } from "@std/assert";
import { quoteForSh } from "../../lib/system/script.ts";
import type { Child } from "./child.ts";
import { outputOf } from "./output_of.ts";
import { programCommand } from "./program.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

/** A command on a terminal of its own. What is typed comes by {@linkcode Terminal.type}. */
export class Terminal implements AsyncDisposable {
  readonly #script: Child;

  private constructor(script: Child) {
    this.#script = script;
  }

  /** Runs a line of sh on a new terminal; `persistproc` in it is the program under test. */
  static async open(workspace: Workspace, line: string): Promise<Terminal> {
    const program = `#!/bin/sh\nexec ${quoteForSh(programCommand)} "$@"\n`;
    await workspace.write("bin/persistproc", program, { mode: 0o755 });
    const env = { PATH: `${workspace.path("bin")}:${workspace.environment.PATH}` };
    const command = Deno.build.os === "darwin"
      ? ["script", "-q", "/dev/null", "sh", "-c", line]
      : ["script", "-qec", line, "/dev/null"];
    return new Terminal(workspace.spawnCommand(command, { env }));
  }

  /** An interactive bash, with job control; it does not edit its lines. */
  static async shell(workspace: Workspace): Promise<Terminal> {
    const terminal = await Terminal.open(workspace, "exec bash --norc --noprofile --noediting -i");
    await terminal.command("PS1='' PS2=''");
    return terminal;
  }

  /** Everything it has shown so far. */
  get screen(): string {
    return this.#script.stdout;
  }

  /** Types, as a person does; Enter is `\r`. */
  type(keys: string): Promise<void> {
    return this.#script.write(keys);
  }

  /** Waits until it shows something, after what it had shown at `from`. */
  async waitFor(expected: string | RegExp, from = 0): Promise<string> {
    const find = () => {
      const seen = this.screen.slice(from);
      if (typeof expected === "string") return seen.includes(expected) ? expected : null;
      return expected.exec(seen)?.[0] ?? null;
    };
    return await until(find, { what: () => `${expected} on the screen:\n${this.screen}` });
  }

  /** For a shell: runs a line in it, and returns what it showed, when it asks for the next one. */
  async command(line: string): Promise<string> {
    const from = this.screen.length;
    await this.type(`${line}\recho "<done $?>"\r`);
    await this.waitFor(/<done \d+>\r\n/, from);
    return this.screen.slice(from);
  }

  /** For a shell: `fg`, until it is in the foreground. */
  async foreground(): Promise<void> {
    await this.type("fg\r");
    const tty = await this.#tty();
    // The group of the terminal (tpgid) is no longer the shell's own.
    const rows = async () =>
      (await outputOf("ps", "-t", tty, "-o", "pgid=,tpgid=,stat=,comm=")).split("\n")
        .map((row) => row.trim().split(/\s+/));
    const inForeground = async () =>
      (await rows()).some(([group, foreground, state, name]) =>
        group === foreground && name !== "bash" && !state?.startsWith("T")
      );
    await until(inForeground, { what: () => `a job in the foreground:\n${this.screen}` });
  }

  /** The PID of the newest process on it whose arguments have this text. */
  async pid(text: string): Promise<number> {
    const tty = await this.#tty();
    const find = async () => {
      const rows = (await outputOf("ps", "-t", tty, "-o", "pid=,args=")).split("\n");
      const pids = rows.filter((row) => row.includes(text) && !row.includes("script -"))
        .map((row) => parseInt(row.trim())).filter((pid) => pid > 0);
      return pids.at(-1);
    };
    return await until(find, { what: `a process with ${text} on ${tty}` });
  }

  /** Waits until no process on it has this name but those that only wait for their parent. */
  async noneOf(name: string): Promise<void> {
    const tty = await this.#tty();
    const rows = async () => (await outputOf("ps", "-t", tty, "-o", "stat=,comm=")).split("\n");
    const names = async () =>
      (await rows()).map((row) => row.trim().split(/\s+/))
        .filter(([state]) => !state?.startsWith("Z")).map((row) => row[1]);
    await until(async () => !(await names()).includes(name), { what: `no ${name} on ${tty}` });
  }

  /** Waits until every process on it that has this name is stopped. */
  async stopped(name: string): Promise<void> {
    const tty = await this.#tty();
    const rows = async () => (await outputOf("ps", "-t", tty, "-o", "stat=,comm=")).split("\n");
    const states = async () =>
      (await rows()).map((row) => row.trim().split(/\s+/)).filter((row) => row[1] === name);
    const all = async () => (await states()).every(([state]) => state?.startsWith("T"));
    await until(all, { what: `every ${name} on ${tty} stopped` });
  }

  /** Its modes, in the form of `stty -g`. */
  async modes(): Promise<string> {
    const modes = await this.#stty("-g");
    assertMatch(modes, /^[0-9a-z:=]+$/i);
    return modes;
  }

  /** Makes it so many columns wide, which tells whatever is in its foreground (SIGWINCH). */
  async resize(columns: number): Promise<void> {
    await this.#stty("columns", String(columns));
  }

  async #stty(...args: string[]): Promise<string> {
    const option = Deno.build.os === "darwin" ? "-f" : "-F";
    return await outputOf("stty", option, `/dev/${await this.#tty()}`, ...args);
  }

  /** Closes it, as whoever closes the window does. */
  async hangUp(): Promise<void> {
    this.#script.kill("SIGKILL");
    await this.#script.end();
  }

  /** Waits for the end of its command, whose status it returns. */
  async end(): Promise<number> {
    return (await this.#script.end()).code;
  }

  async #tty(): Promise<string> {
    const child = async () => {
      const rows = (await outputOf("ps", "-eo", "ppid=,tty=")).split("\n");
      const own = rows.map((row) => row.trim().split(/\s+/))
        .find(([parent]) => Number(parent) === this.#script.pid);
      return own?.[1] === "?" ? undefined : own?.[1];
    };
    return await until(child, { what: "the terminal of script's child" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#script[Symbol.asyncDispose]();
  }
}

/** The state of a process, as the first letter of ps(1) says it: `T` is stopped; null is ended. */
export async function processState(pid: number): Promise<string | null> {
  const state = (await outputOf("ps", "-o", "stat=", "-p", String(pid)))[0] ?? null;
  // A zombie waits for its parent only.
  return state === "Z" ? null : state;
}
