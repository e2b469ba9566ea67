/** `output --follow`: what one or several processes write, until all of them have ended. */
import { dirname, join } from "@std/path";
import { shortLabels } from "../../logs/labels.ts";
import type { LineFormat } from "../../logs/line_text.ts";
import type { LogSizes } from "../../logs/run_files.ts";
import { printable } from "../../protocol/printable.ts";
import type { LocatedProcess, Stream } from "../../protocol/process.ts";
import type { ProcessEvent } from "../../protocol/requests.ts";
import type { Client } from "../client.ts";
import type { Settings } from "../settings.ts";
import { isStyled, NameColors } from "../terminal/style.ts";
import { statusWithoutServer } from "./exit_status.ts";
import { type HistoryOptions, showHistory } from "./history.ts";
import { endNotice, restartNotice } from "./notices.ts";
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
  readonly #writer: HoldableWriter;
  readonly #sink: LineSink;
  /** What each label is called in a notice, and in front of its lines. */
  readonly #names = new Map<string, string>();
  readonly #prefixes = new Map<string, string>();
  readonly #colors = isStyled("stdout") ? new NameColors() : null;
  readonly #followed = new Map<string, Followed>();

  constructor(options: FollowOptions, fail: (error: unknown) => void) {
    const { format, stream, runs, joins, settings } = options;
    this.#options = options;
    this.#fail = fail;
    for (const [label, name] of shortLabels(runs.map(({ label }) => label))) {
      this.#call(label, name);
    }
    this.#writer = new HoldableWriter({ quiet: settings.verbosity < 0 });
    this.#sink = new LineSink(this.#writer, {
      ...format,
      labels: runs.length > 1 || joins !== null ? this.#prefixes : undefined,
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
      await this.#take(state.event);
      const all = [...this.#followed.values()];
      if (all.length > 0 && all.every(({ ended }) => ended)) return 0;
    }
    return 0;
  }

  async #take(event: ProcessEvent): Promise<void> {
    const { process, restarting } = event;
    const { joins } = this.#options;
    let followed = this.#followed.get(process.process);
    const ended = process.status === "exited" || process.status === "failed";
    if (!followed) {
      const joining = joins === "anywhere" || process.working_directory === joins;
      if (!joining || ended) return;
      followed = this.#show(process, { stdout: 0, stderr: 0 });
      await this.#notice(process, `started by ${process.started_by} (PID ${process.pid})`);
    }
    // One by one: runs that came and went between two states have been written, too.
    for (const newest = runNumber(process.run_directory); followed.run < newest;) {
      await followed.shown.finish();
      const run = followed.run + 1;
      if (run === newest) await this.#notice(process, restartNotice(event));
      const directory = join(dirname(process.run_directory), String(run));
      followed = this.#show({ ...process, run_directory: directory }, { stdout: 0, stderr: 0 });
    }
    followed.process = process;
    if (!ended) {
      followed.ended = false;
      return;
    }
    await followed.shown.finish();
    const notice = restarting || followed.ended ? null : endNotice(event, true);
    if (notice !== null) await this.#notice(process, notice);
    followed.ended = !restarting;
  }

  #show(process: LocatedProcess, from: LogSizes): Followed {
    const { label, run_directory: runDirectory } = process;
    if (!this.#names.has(label)) this.#call(label, printable(label));
    const shown = new ShownRun({ label, runDirectory }, from, this.#sink, this.#fail);
    const ended = process.status === "exited" || process.status === "failed";
    const followed = { process, run: runNumber(runDirectory), shown, ended };
    this.#followed.set(process.process, followed);
    return followed;
  }

  #call(label: string, name: string): void {
    this.#names.set(label, name);
    this.#prefixes.set(label, this.#colors?.paint(name) ?? name);
  }

  #notice({ label }: LocatedProcess, notice: string): Promise<void> {
    return this.#note(`${this.#names.get(label) ?? label} ${notice}`);
  }

  #note(message: string): Promise<void> {
    return this.#writer.note(message);
  }
}
