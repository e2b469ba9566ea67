/** What happens to processes, told by whichever server runs at the time, or by their files. */
import { dirname, join } from "@std/path";
import { EXIT_FILE } from "../../logs/run_files.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import type { ProcessEvent } from "../../protocol/requests.ts";
import { dataPaths } from "../../system/paths.ts";
import { Client } from "../client.ts";
import { findServer } from "../discovery.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds between two looks of whoever has lost its server. */
const LOOK_MS = 1_000;

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
      const ended = await endedWithout();
      if (ended !== null) return { ended };
      // Whatever else may hold the port is not ours to talk to; it is asked again.
      const server = await findServer(settings).catch(async (error) => {
        // A server that this version cannot talk to; its words, once.
        if (error instanceof PersistprocError && error.code === "server_mismatch") {
          if (said !== error.message) await note(error.message);
          said = error.message;
        }
        return null;
      });
      if (server) return new Client(server);
    }
    throw new Error("looking ended");
  }
}

/**
 * The changed paths in some directories; null first and then at times, for what nobody tells: Deno
 * keeps 16 events and drops others, and a server writes nothing when it has taken over its processes.
 */
async function* changes(directories: string[]): AsyncGenerator<string[] | null> {
  let watcher: Deno.FsWatcher | null = null;
  try {
    watcher = Deno.watchFs(directories, { recursive: false });
  } catch {
    // No watch to be had: the number of inotify instances is bounded, network file systems have none.
  }
  const events = watcher?.[Symbol.asyncIterator]();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = () =>
    new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), LOOK_MS));
  const read = () => {
    const next = events?.next();
    // What is still waited for at the end has no news for anybody.
    next?.catch(() => {});
    return next;
  };
  let next = read();
  try {
    yield null;
    let later = pause();
    while (true) {
      const news = await (next ? Promise.race([next, later]) : later);
      if (news === null) {
        yield null;
        later = pause();
      } else if (news.done) next = undefined;
      else {
        yield news.value.paths;
        next = read();
      }
    }
  } finally {
    clearTimeout(timer);
    try {
      watcher?.close();
    } catch {
      // It has ended by itself.
    }
  }
}
