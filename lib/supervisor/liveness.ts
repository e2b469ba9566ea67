/** Looking now and then at what runs; while nothing does, there is nothing to do. */
import { type Core, persist } from "./core.ts";
import { endRun } from "./end_run.ts";
import { currentRun } from "./record.ts";

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 1_000;

/**
 * Notices the end of runs that nothing else tells: their keeper was killed, or is not a child of
 * this server. Writes down, too, what the disk had no room for.
 */
export class Liveness {
  readonly #core: Core;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Looks after a while, and again and again, if there is something to look at. */
  watch(): void {
    if (this.#timer !== null || this.#core.closing()) return;
    const { registry, unsaved } = this.#core;
    if (!registry.all().some((process) => process.live || unsaved.has(process))) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
      this.watch();
    }, LOOK_INTERVAL);
  }

  /** Looks no more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #look(): void {
    const { registry, report, signals, unsaved } = this.#core;
    for (const process of unsaved.all()) void persist(this.#core, process);
    for (const process of registry.all()) {
      const run = currentRun(process.record);
      const { pid, group } = run;
      if (!process.live || pid === null || group === null) continue;
      // Where nobody reaps what lost its keeper, it exists for ever.
      if (signals.exists(pid) && signals.exists(group)) continue;
      endRun(this.#core, process, run).catch((error) => report(String(error)));
    }
  }
}
