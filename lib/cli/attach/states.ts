/** What happens to processes, told by whichever server runs at the time, or by their files. */
import { dirname, join } from "@std/path";
import { EXIT_FILE } from "../../logs/run_files.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import type { ProcessEvent } from "../../protocol/requests.ts";
import { dataPaths } from "../../system/paths.ts";
import { Client } from "../client.ts";
import { findServer } from "../discovery.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds between two looks where directories cannot be watched, and at a server that is silent. */
const LOOK_MS = 1_000;
/** How often a server is asked that listens and does not say who it is. */
const MOST_ASKED = 3;

/** Either a process has changed, or a watched run has ended while no server was there to tell. */
export type State = { event: ProcessEvent } | { ended: number };

/** What {@linkcode States} depends on. */
export interface StatesOptions {
  settings: Settings;
  client: Client;
  /** The id of the process; null means all. */
  process: string | null;
  /** The directory of the run that is shown; null when no single run is. */
  runDirectory: () => string | null;
  /** The exit status of that run, when its files say that it has ended. */
  endedWithout: () => Promise<number | null>;
  /** Told once when the server ends, and once when one is back. */
  note: (message: string) => Promise<void>;
}

/** The states of processes, across the deaths of servers. Asks nothing while nothing happens. */
export class States implements AsyncIterable<State> {
  readonly #options: StatesOptions;
  #client: Client;

  constructor(options: StatesOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  /** The client of the server that was reached last. */
  get client(): Client {
    return this.#client;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<State> {
    const { process, endedWithout, note } = this.#options;
    while (true) {
      let refusal: PersistprocError | null = null;
      try {
        for await (const event of this.#client.events(process)) yield { event };
      } catch (error) {
        if (!(error instanceof PersistprocError)) throw error;
        if (error.code !== "server_unreachable") refusal = error;
      }
      const ended = await endedWithout();
      if (ended !== null) {
        yield { ended };
        return;
      }
      if (refusal !== null) throw refusal;
      await note("the server has ended; the output goes on, from its files");
      const next = await this.#serverOrEnd();
      if (!(next instanceof Client)) {
        yield next;
        return;
      }
      this.#client = next;
      await note(`a server is back (PID ${next.server.pid})`);
    }
  }

  /** Waits for a new server, or for the end of the run, whichever comes first. */
  async #serverOrEnd(): Promise<Client | { ended: number }> {
    const { settings, runDirectory, endedWithout, note } = this.#options;
    let said = "";
    const serverFile = dataPaths(settings.dataDirectory).server;
    const directory = runDirectory();
    const watched = [dirname(serverFile), ...(directory === null ? [] : [directory])];
    const exitFile = directory === null ? "" : join(directory, EXIT_FILE);
    for await (const paths of changes(watched)) {
      const relevant = paths === null || paths.includes(serverFile) || paths.includes(exitFile);
      if (!relevant) continue;
      for (let asked = 1, silent = true; silent && asked <= MOST_ASKED; asked++) {
        if (asked > 1) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        const ended = await endedWithout();
        if (ended !== null) return { ended };
        silent = false;
        // Whatever else may hold the port is not ours to talk to; the next change asks again.
        const server = await findServer(settings).catch(async (error) => {
          if (!(error instanceof PersistprocError)) return null;
          // Or it is long in taking over its processes: nothing changes when it is done with that.
          silent = error.code === "server_unreachable";
          // A server that this version cannot talk to; its words, once.
          if (error.code === "server_mismatch") {
            if (said !== error.message) await note(error.message);
            said = error.message;
          }
          return null;
        });
        if (server) return new Client(server);
      }
    }
    throw new Error("watching ended");
  }
}

/** The changed paths in some directories; null first, and where nobody can tell what changed. */
async function* changes(directories: string[]): AsyncGenerator<string[] | null> {
  let watcher: Deno.FsWatcher | null = null;
  try {
    watcher = Deno.watchFs(directories, { recursive: false });
  } catch {
    // No watch to be had: the number of inotify instances is bounded, network file systems have none.
  }
  try {
    yield null;
    if (watcher) { for await (const { paths } of watcher) yield paths; }
    while (true) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      yield null;
    }
  } finally {
    try {
      watcher?.close();
    } catch {
      // Closed already, by the end of the loop over it.
    }
  }
}
