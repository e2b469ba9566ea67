/** `output --follow`: what one or several processes write, until all of them have ended. */
import { dirname, join } from "@std/path";
import { shortLabels } from "../../logs/labels.ts";
import type { LineFormat } from "../../logs/line_text.ts";
import type { LogSizes } from "../../logs/run_files.ts";
import type { LocatedProcess, Stream } from "../../protocol/process.ts";
import type { Client } from "../client.ts";
import type { Settings } from "../settings.ts";
import { printNote } from "../terminal/write.ts";
import { statusWithoutServer } from "./exit_status.ts";
import { type HistoryOptions, showHistory } from "./history.ts";
import { runNumber, ShownRun } from "./shown_run.ts";
import { LineSink } from "./sink.ts";
import { States } from "./states.ts";
import { HoldableWriter } from "./writer.ts";

/** What is followed, and how it is shown. */
export interface FollowOptions {
  settings: Settings;
  client: Client;
  runs: LocatedProcess[];
  format: LineFormat;
  stream: Stream | "combined";
  range: HistoryOptions;
  /** Processes of this directory, or of any, join when they start; null for none. */
  joins: string | null;
}

interface Followed {
  process: LocatedProcess;
  run: number;
  shown: ShownRun;
  ended: boolean;
}

/** Follows processes over their restarts; returns 0 when none of them runs any more. */
export function followRuns(options: FollowOptions): Promise<number> {
  const failure = Promise.withResolvers<never>();
  return Promise.race([new Following(options, failure.reject).toEnd(), failure.promise]);
}

class Following {
  readonly #options: FollowOptions;
  readonly #fail: (error: unknown) => void;
  readonly #sink: LineSink;
  readonly #labels: Map<string, string>;
  readonly #followed = new Map<string, Followed>();

  constructor(options: FollowOptions, fail: (error: unknown) => void) {
    const { format, stream, runs, joins } = options;
    this.#options = options;
    this.#fail = fail;
    this.#labels = shortLabels(runs.map(({ label }) => label));
    this.#sink = new LineSink(new HoldableWriter(), {
      ...format,
      labels: runs.length > 1 || joins !== null ? this.#labels : undefined,
      together: true,
      only: stream === "combined" ? undefined : stream,
    });
  }

  async toEnd(): Promise<number> {
    const { runs, range, settings, client, joins } = this.#options;
    const sources = runs.map(({ label, run_directory }) => ({
      label,
      runDirectory: run_directory,
    }));
    const from = await showHistory(sources, this.#sink, range);
    runs.forEach((process, at) => this.#show(process, from[at] ?? { stdout: 0, stderr: 0 }));
    // Of a single process, its files tell the end when no server does.
    const only = joins === null && runs.length === 1 ? runs[0] ?? null : null;
    const current = () => only && (this.#followed.get(only.process)?.process ?? only);
    const states = new States({
      settings,
      client,
      process: only?.process ?? null,
      runDirectory: () => current()?.run_directory ?? null,
      endedWithout: async () => {
        const run = current();
        return run && await statusWithoutServer(run);
      },
      note: (message) => this.#note(message),
    });
    // Whoever follows what has ended already sees its end at the first state.
    if (runs.length === 0) await this.#note("nothing has been started here yet; waiting");
    for await (const state of states) {
      if ("ended" in state) {
        for (const { shown } of this.#followed.values()) await shown.finish();
        return 0;
      }
      const { process, restarting } = state.event;
      await this.#take(process, restarting);
      const all = [...this.#followed.values()];
      if (all.length > 0 && all.every(({ ended }) => ended)) return 0;
    }
    return 0;
  }

  async #take(process: LocatedProcess, restarting: boolean): Promise<void> {
    const { joins } = this.#options;
    let followed = this.#followed.get(process.process);
    const ended = process.status === "exited" || process.status === "failed";
    if (!followed) {
      const joining = joins === "anywhere" || process.working_directory === joins;
      if (!joining || ended) return;
      followed = this.#show(process, { stdout: 0, stderr: 0 });
    }
    // One by one: runs that came and went between two states have been written, too.
    for (const newest = runNumber(process.run_directory); followed.run < newest;) {
      await followed.shown.finish();
      const run = followed.run + 1;
      if (run === newest) await this.#note(`${process.label} was restarted (PID ${process.pid})`);
      const directory = join(dirname(process.run_directory), String(run));
      followed = this.#show({ ...process, run_directory: directory }, { stdout: 0, stderr: 0 });
    }
    followed.process = process;
    if (ended) await followed.shown.finish();
    followed.ended = ended && !restarting;
  }

  #show(process: LocatedProcess, from: LogSizes): Followed {
    const { label, run_directory: runDirectory } = process;
    if (!this.#labels.has(label)) this.#labels.set(label, label);
    const shown = new ShownRun({ label, runDirectory }, from, this.#sink, this.#fail);
    const followed = { process, run: runNumber(runDirectory), shown, ended: false };
    this.#followed.set(process.process, followed);
    return followed;
  }

  #note(message: string): Promise<void> {
    if (this.#options.settings.verbosity < 0) return Promise.resolve();
    return printNote(`persistproc: ${message}\n`);
  }
}
