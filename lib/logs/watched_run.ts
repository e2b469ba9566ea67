/** One run whose growth is noticed, by a watch or by looking again and again. */
import { join } from "@std/path";
import { areDiverted, divertLogs, returnLogs } from "./diversion.ts";
import type { Polled } from "./polling.ts";
import { EXIT_FILE } from "./run_files.ts";

/** Who is told about one run. */
export interface GrowthListener {
  /** Looks how far the logs have got, and says whether they had grown. Called again and again. */
  look(): boolean;
  /** The run's exit file was written, and may be about to be written again. */
  exitFile?(): void;
}

/** A busy run is watched again when at most so many of so many looks, 10 ms apart, found growth. */
const QUIET_GROWTHS = 2;
const QUIET_LOOKS = 10;

/**
 * The state of one run in a `GrowthWatch`. While it is busy its logs are diverted where that is
 * allowed: a viewer leaves it to the server, whose files they are.
 */
export class WatchedRun implements Polled {
  /** The real path of its directory. */
  readonly path: string;
  readonly listener: GrowthListener;
  /** It writes so much that it is polled instead of watched. */
  busy = false;
  /** The watch covers it. */
  watched = false;
  readonly #diverts: boolean;
  readonly #busied: () => void;
  readonly #rested: () => void;
  #looks = 0;
  #growths = 0;
  #exitSeen: string;

  /**
   * `busied` is called when looks at it find that it writes too much to be watched, `rested` when
   * it needs to be polled no longer.
   */
  constructor(
    directory: string,
    listener: GrowthListener,
    options: { diverts: boolean; busied: () => void; rested: () => void },
  ) {
    this.path = realPath(directory);
    this.listener = listener;
    this.#diverts = options.diverts;
    this.#busied = options.busied;
    this.#rested = options.rested;
    this.#exitSeen = exitVersion(this.path);
  }

  /** Whether its directory is there. */
  isWatchable(): boolean {
    try {
      return Deno.statSync(this.path).isDirectory;
    } catch {
      return false;
    }
  }

  /** Whether each of its writes is reported, so that it need not be polled. */
  get reported(): boolean {
    return this.watched && !this.busy && !areDiverted(this.path);
  }

  /** Ends what only its being watched needs. */
  close(): void {
    if (this.#diverts) returnLogs(this.path);
  }

  /** Its writes are too many to be reported each. */
  becomeBusy(): void {
    if (this.#diverts && !this.busy) divertLogs(this.path);
    this.busy = true;
    this.#looks = this.#growths = 0;
  }

  /** Looks at its logs, and at its exit file where that may have come. */
  poll(): boolean {
    const grew = this.listener.look();
    this.#looks++;
    if (grew) this.#growths++;
    // A flood that its first watch reports keeps the next request of a watch waiting.
    if (!this.busy && this.#growths > QUIET_GROWTHS) this.#busied();
    const round = this.#looks >= QUIET_LOOKS;
    if (round) {
      if (this.busy && this.#growths <= QUIET_GROWTHS) {
        this.busy = false;
        if (this.#diverts) returnLogs(this.path);
        this.#rested();
      } else if (this.reported) this.#rested();
      this.#looks = this.#growths = 0;
    }
    // While it writes it has hardly ended, and this look costs more than that at the logs.
    const ended = (!grew || round) && this.#pollExit();
    return grew || ended;
  }

  /** Looks at everything once: what came before the watch began is reported by nobody. */
  lookAtAll(): void {
    this.listener.look();
    this.#pollExit();
  }

  #pollExit(): boolean {
    const version = exitVersion(this.path);
    if (version === this.#exitSeen) return false;
    this.#exitSeen = version;
    this.listener.exitFile?.();
    return true;
  }
}

/** Tells one state of a run's exit file from another. */
function exitVersion(directory: string): string {
  try {
    const { size, mtime } = Deno.statSync(join(directory, EXIT_FILE));
    return `${size} ${mtime?.getTime()}`;
  } catch {
    return "";
  }
}

function realPath(directory: string): string {
  try {
    return Deno.realPathSync(directory);
  } catch {
    // It is gone, or not there yet: it can not be watched, but it can be looked at.
    return directory;
  }
}
