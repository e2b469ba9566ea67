/** Interactive shells in which the Tab key is pressed. */
import { Terminal } from "./terminal.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

/** A shell whose completion can be tried. */
interface Shell {
  start: string;
  /** What a person has in the file that the shell reads first. */
  setup: string;
  /** Makes `toolx r` complete to `toolx run`, by the shell's own means. */
  tool: string;
}

/** The shells that there is a script for, by their names. */
export const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    start: "exec bash --norc --noprofile -i",
    setup: 'eval "$(persistproc completions bash)"',
    tool: `_toolx() { COMPREPLY=($(compgen -W run -- "$2")); }; complete -F _toolx toolx`,
  },
  zsh: {
    start: "exec zsh -f -i",
    setup: 'autoload -Uz compinit && compinit -i; eval "$(persistproc completions zsh)"',
    tool: "_toolx() { compadd run }; compdef _toolx toolx",
  },
  fish: {
    start: "exec fish --no-config -i",
    setup: "persistproc completions fish | source",
    tool: "complete -c toolx -f -a run",
  },
};

/** One shell on a terminal, with completion set up as the README says. */
export class CompletingShell implements AsyncDisposable {
  readonly #workspace: Workspace;
  readonly #terminal: Terminal;

  private constructor(workspace: Workspace, terminal: Terminal) {
    this.#workspace = workspace;
    this.#terminal = terminal;
  }

  static async open(workspace: Workspace, name: string): Promise<CompletingShell> {
    const shell = SHELLS[name];
    if (!shell) throw new TypeError(`no shell ${name}`);
    // In place of the program: once set up, it notes what it was given.
    const real = workspace.path("bin", "persistproc");
    const ready = workspace.path("ready");
    const typed = workspace.path("typed");
    const stub = `#!/bin/sh
[ -e '${ready}' ] && [ "$1" != __complete ] || exec '${real}' "$@"
{ printf '%s\\n' "$@"; echo end; } > '${typed}.new' && mv '${typed}.new' '${typed}'
`;
    await workspace.write("stub/persistproc", stub, { mode: 0o755 });
    await workspace.write("stub/toolx", "#!/bin/sh\n", { mode: 0o755 });
    const terminal = await Terminal.open(
      workspace,
      `stty cols 120 rows 40; PATH='${workspace.path("stub")}':$PATH TERM=xterm ${shell.start}`,
    );
    await terminal.type(`${shell.setup}\r${shell.tool}\recho > '${ready}'\r`);
    await until(() => Deno.stat(ready).catch(() => null), {
      what: () => terminal.screen,
      timeout: 30_000,
    });
    return new CompletingShell(workspace, terminal);
  }

  /** Runs a line that says nothing. */
  async line(text: string): Promise<void> {
    await this.#terminal.type(`${text}\r`);
  }

  /** Types a line and Tab, then Enter, until the program gets these words. */
  async complete(line: string, expected: readonly string[]): Promise<void> {
    // A busy machine may take longer to answer than a person should wait: then once more.
    await until(async () => sameWords(await this.#enter(`${line}\t`), expected), {
      what: () => `${JSON.stringify(expected)} of ${line}:\n${this.screen}`,
      timeout: 30_000,
    });
  }

  /** Types a line and Tab until all of these are shown. */
  async shows(line: string, expected: readonly RegExp[]): Promise<void> {
    const attempt = async () => {
      const from = this.screen.length;
      const found = () => expected.every((one) => one.test(this.screen.slice(from)));
      await this.#terminal.type(`${line}\t`);
      await until(found, { what: "a list", timeout: 5_000 }).catch(() => {});
      await this.#enter("");
      return found();
    };
    await until(attempt, {
      what: () => `${expected.join(", ")} of ${line}:\n${this.screen}`,
      timeout: 30_000,
    });
  }

  /** Everything that the terminal has shown. */
  get screen(): string {
    return this.#terminal.screen;
  }

  /** Types this and Enter; returns what the program got. */
  async #enter(keys: string): Promise<string[]> {
    const typed = this.#workspace.path("typed");
    await Deno.writeTextFile(typed, "");
    await this.#terminal.type(`${keys}\r`);
    const text = () => Deno.readTextFile(typed);
    await until(async () => (await text()).endsWith("end\n"), { what: () => this.screen });
    return (await text()).split("\n").slice(0, -2);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#terminal[Symbol.asyncDispose]();
  }
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
