/** Starts the server in the background, once, however many commands want one at the same time. */
import { fromFileUrl } from "@std/path";
import { PersistprocError } from "../protocol/errors.ts";
import { ensureDataDirectory } from "../system/data_directory.ts";
import { openPrivateFileSync } from "../system/files.ts";
import { type DataPaths, dataPaths } from "../system/paths.ts";
import { chooseShell, type ShellKind, systemShells } from "../system/shells.ts";
import { findServer, type Server } from "./discovery.ts";
import { isFree } from "./server_end.ts";
import type { Settings } from "./settings.ts";
import { printNote } from "./terminal/write.ts";

/** Milliseconds until a server that does not answer is given up. */
const START_MS = 20_000;
/** Milliseconds between two looks at a server that is starting. */
const LOOK_MS = 15;
/** A start may lose against a server that is just ending; then a second one is worth it. */
const STARTS = 2;

/**
 * Runs a command with its errors appended to the file `$0` and no descriptor of ours but those:
 * make's jobserver or an agent's pipes must not stay open for as long as the server lives. Nothing
 * is assigned to a variable, which the environment may hold.
 */
const scriptFor = (shell: ShellKind): string =>
  `${shell === "dash" ? CLOSE_TO_9 : CLOSE_ALL}\nexec "$@" 2>>"$0"`;

/** A number of two digits is a program's name to dash; bash hands out such for `>(…)`. */
const CLOSE_TO_9 = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";

const CLOSE_ALL = `close() {
while [ $# -gt 0 ]; do
case \${1##*/} in 0 | 1 | 2 | *[!0-9]*) ;; *) eval "exec \${1##*/}>&-" ;; esac
shift
done
}
close /dev/fd/* /proc/self/fd/*`;

/** The command line that runs this same program with the same permissions. */
function ownCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const root = (path: string) => fromFileUrl(new URL(`../../${path}`, import.meta.url));
  return [
    Deno.execPath(),
    "run",
    "-q",
    // As the executable has it, see the task `compile` in deno.json.
    "--v8-flags=--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks",
    "--no-prompt",
    "--no-remote",
    "--config",
    root("deno.json"),
    "-P",
    root("main.ts"),
  ];
}

/** The environment of the server: the caller's, but not the mark of a run that the caller is in. */
function serverEnvironment(environment: Record<string, string>): Record<string, string> {
  const { PERSISTPROC_RUN: _, ...rest } = environment;
  return rest;
}

function spawnServer(settings: Settings, paths: DataPaths): Deno.ChildProcess {
  // The shell's >> would create it readable for everyone, and follow a link.
  openPrivateFileSync(paths.serverLog, { append: true }).close();
  const server = [
    ...ownCommand(),
    "serve",
    "--quiet",
    "--port",
    String(settings.port),
    "--data-dir",
    settings.dataDirectory,
  ];
  const environment = serverEnvironment(settings.environment);
  const [program = ""] = server;
  // Not dash, where there is another: it can close the first ten descriptors only.
  const shell = chooseShell(program, environment, { ...systemShells(), dash: null });
  const script = scriptFor(shell.kind);
  const child = new Deno.Command(shell.path, {
    args: [...shell.options, "-c", script, paths.serverLog, ...shell.prefix, ...server],
    // A directory of its own would keep a file system from being unmounted.
    cwd: "/",
    env: shell.environment,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  child.unref();
  return child;
}

/** The right to start a server, which one command has at a time, and loses when it ends (flock(2)). */
class Turn implements Disposable {
  readonly #file: Deno.FsFile;
  #mine = false;

  constructor({ starting }: DataPaths) {
    this.#file = openPrivateFileSync(starting);
  }

  /** Whether it is ours, now at the latest. */
  async isMine(): Promise<boolean> {
    return this.#mine ||= await this.#file.tryLock(true);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

async function textFrom(path: string, offset: number): Promise<string> {
  const bytes = await Deno.readFile(path);
  // Cut by bytes, since a server may have shortened its log meanwhile.
  return new TextDecoder().decode(bytes.subarray(offset <= bytes.length ? offset : 0)).trim();
}

/**
 * Starts a server and waits until it has proved itself. When another command starts one at the same
 * time, that one is taken.
 *
 * @throws {PersistprocError} with the server's own words when it does not start.
 */
export async function startServer(settings: Settings): Promise<Server> {
  const paths = dataPaths(settings.dataDirectory);
  await ensureDataDirectory(settings.dataDirectory);
  using turn = new Turn(paths);
  const logSize = (await Deno.stat(paths.serverLog).catch(() => null))?.size ?? 0;
  const deadline = performance.now() + START_MS;
  let starts = 0;
  let running = false;
  while (performance.now() < deadline) {
    const server = await findServer(settings, { patient: true });
    if (server) {
      if (starts > 0 && settings.verbosity >= 0) {
        await printNote(
          `persistproc: started a server on port ${server.port}; it stays until ` +
            "`persistproc shutdown`\n",
        );
      }
      return server;
    }
    if (!running && await turn.isMine() && await isFree(paths.lock)) {
      if (starts === STARTS) break;
      starts++;
      running = true;
      spawnServer(settings, paths).status.then(() => running = false, () => running = false);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const said = await textFrom(paths.serverLog, logSize).catch(() => "");
  // The last one's words: an earlier start may have failed of the same.
  const words = said.split(/^Error: /m).at(-1) ?? "";
  const reason = words.trim().split("\n").slice(-2).join(" ");
  throw new PersistprocError(
    "server_unreachable",
    `The server could not be started on port ${settings.port}${reason ? `: ${reason}` : "."}`,
    { hint: `See ${paths.serverLog}, or run it in the foreground: persistproc serve` },
  );
}
