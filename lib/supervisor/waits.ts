/** Waiting for what a run does. Woken by events; only ports and URLs have to be asked for. */
import { formatPage } from "../logs/page.ts";
import { openMatcher } from "../logs/line_matcher.ts";
import { parseExpression } from "../logs/expression.ts";
import { readRuns } from "../logs/reading.ts";
import type { LogSizes } from "../logs/run_files.ts";
import { sourceOf } from "../logs/run_source.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { MAX_WAITS } from "../protocol/limits.ts";
import type { ProcessEvent } from "../protocol/requests.ts";
import {
  DEFAULT_WAIT_SECONDS,
  type WaitOutcome,
  type WaitRequest,
  type WaitResult,
} from "../protocol/wait.ts";
import type { Listener } from "../system/listeners.ts";
import type { Core } from "./core.ts";
import { NewOutput, type Sought } from "./new_output.ts";
import { reasonOf } from "./info.ts";
import { outputRun } from "./output_runs.ts";
import { SharedPoll } from "./polled.ts";
import { type Ending, httpProbe, portProbe, type Probe } from "./probes.ts";
import { isLive, runDirectory, runId, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";

/** How to wait. */
export interface WaitOptions {
  /** From where on output counts. */
  from: LogSizes;
  /** Aborted when nobody waits any more. */
  signal?: AbortSignal;
  /** Whether the newest output belongs to the result; it does unless this is false. */
  tail?: boolean;
}

const TAIL_LINES = 50;
const TAIL_CHARACTERS = 4_000;
/** Of what came as it was wanted, the result's own line says nearly everything. */
const TAIL_LINES_OF_SUCCESS = 5;
const SUCCESSES: ReadonlySet<WaitOutcome> = new Set(["pattern", "port", "http"]);
/** The longest time that a timer can be set for, in milliseconds (HTML, timers). */
const LONGEST_TIMER = 2 ** 31 - 1;

/** All waits of a supervisor. */
export class Waits {
  readonly #core: Core;
  readonly #subscribe: (process: string, tell: (event: ProcessEvent) => void) => () => void;
  readonly #over = new AbortController();
  readonly #listeners: SharedPoll<Listener[]>;
  #underWay = 0;

  constructor(
    core: Core,
    subscribe: (process: string, tell: (event: ProcessEvent) => void) => () => void,
  ) {
    this.#core = core;
    this.#subscribe = subscribe;
    this.#listeners = new SharedPoll(() => core.listeners());
  }

  /** Lets every wait fail: the supervision is over. */
  close(): void {
    this.#over.abort();
  }

  /**
   * Waits until the first of the conditions holds, the run is over, or time is.
   *
   * @throws {PersistprocError} for an expression that does not compile or takes too long, when there
   * are too many waits, and when the supervision ends; what `options.signal` is aborted with.
   */
  async wait(
    process: ManagedProcess,
    run: RunRecord,
    request: WaitRequest,
    options: WaitOptions,
  ): Promise<WaitResult> {
    const { clock } = this.#core;
    const begun = clock.now();
    using _place = this.#takePlace();
    const { outcome, line } = await this.#ending(process, run, request, options);
    return {
      outcome,
      line,
      elapsed_seconds: Math.round(Math.max(0, clock.now() - begun) / 100) / 10,
      output: options.tail === false ? "" : await this.#tail(process, run, {
        from: options.from,
        lines: SUCCESSES.has(outcome) ? TAIL_LINES_OF_SUCCESS : TAIL_LINES,
      }),
    };
  }

  #takePlace(): Disposable {
    if (this.#underWay >= MAX_WAITS) {
      throw new PersistprocError("limit_reached", `${MAX_WAITS} waits are under way already.`, {
        hint: "Wait again once some have ended; every wait ends with its timeout.",
      });
    }
    this.#underWay++;
    return { [Symbol.dispose]: () => void this.#underWay-- };
  }

  async #ending(
    process: ManagedProcess,
    run: RunRecord,
    request: WaitRequest,
    { from, signal }: WaitOptions,
  ): Promise<Ending> {
    const { clock, recorder, store } = this.#core;
    const directory = runDirectory(store.directory, process.record, run);
    using released = new DisposableStack();
    const output = released.use(new NewOutput(directory, from, seek(request)));
    let wake = () => {};
    const wakeOn = (signal: AbortSignal | undefined) => {
      const woken = () => wake();
      signal?.addEventListener("abort", woken);
      released.defer(() => signal?.removeEventListener("abort", woken));
    };
    wakeOn(signal);
    wakeOn(this.#over.signal);
    released.defer(this.#subscribe(process.record.id, () => wake()));
    const probes = this.#probes(process, run, request, () => wake()).map((probe) =>
      released.use(probe)
    );
    let grown = clock.now();
    released.defer(recorder.onGrowth(directory, () => {
      grown = clock.now();
      for (const probe of probes) probe.hurry();
      wake();
    }));

    const end = clock.now() + (request.timeout_seconds ?? DEFAULT_WAIT_SECONDS) * 1_000;
    const quiet = (request.quiet_seconds ?? Infinity) * 1_000;
    while (true) {
      // Set before the look: what happens after it wakes, whatever else happens here.
      const woken = new Promise<void>((resolve) => wake = resolve);
      // Asked before the look: what a run has written before its end is seen by it.
      const over = !isLive(run);
      const found = await output.look();
      this.#checkAborted(signal);
      if (found !== null) return { outcome: found.name, line: found.line };
      if (over) return { outcome: run.stop === null ? "exited" : "stopped", line: reasonOf(run) };
      const probed = probes.find(({ ending }) => ending !== null);
      if (probed?.ending) return probed.ending;
      // Whoever stood still may not have seen yet what has come.
      if (clock.now() >= grown + quiet) recorder.look(directory);
      const now = clock.now();
      if (now >= grown + quiet) return { outcome: "quiet", line: null };
      if (now >= end) {
        return {
          outcome: "timeout",
          line: probes.map(({ remark }) => remark).find((remark) => remark !== null) ?? null,
        };
      }
      await this.#sleep(woken, Math.min(end, grown + quiet) - now);
    }
  }

  async #sleep(woken: Promise<void>, milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(Math.max(milliseconds, 1), LONGEST_TIMER));
    await Promise.race([woken, promise]);
    clearTimeout(timer);
  }

  #checkAborted(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (!this.#over.signal.aborted) return;
    throw new PersistprocError(
      "server_unreachable",
      "The persistproc server has ended meanwhile.",
      {
        hint: "Wait again once it runs again.",
      },
    );
  }

  #probes(
    process: ManagedProcess,
    run: RunRecord,
    { port, http }: WaitRequest,
    wake: () => void,
  ): Probe[] {
    const id = runId(process.record, run);
    const own = async () => {
      const members = await this.#core.members.look();
      return new Set(members.get(id)?.map(({ pid }) => pid));
    };
    const probes: Probe[] = [];
    if (port !== undefined) probes.push(portProbe(port, { poll: this.#listeners, own, wake }));
    if (http !== undefined) probes.push(httpProbe(http, wake));
    return probes;
  }

  async #tail(
    process: ManagedProcess,
    run: RunRecord,
    { from, lines }: { from: LogSizes; lines: number },
  ): Promise<string> {
    const { recorder, store } = this.#core;
    recorder.look(runDirectory(store.directory, process.record, run));
    const source = sourceOf(outputRun(store.directory, process.record, run));
    const page = await readRuns([source], {
      stream: "combined",
      lines,
      since: null,
      before: null,
      from: [{ process: source.process, run: source.run, ...from }],
      keep: "newest",
      now: Date.now(),
    });
    const { body } = formatPage(page, { maxCharacters: TAIL_CHARACTERS });
    return page.earlier ? `…\n${body}` : body;
  }
}

/** Failure first: a line may match both. */
function seek({ pattern, fail_pattern }: WaitRequest): Sought<"pattern" | "fail_pattern">[] {
  const sought: Sought<"pattern" | "fail_pattern">[] = [];
  for (const [name, text] of [["fail_pattern", fail_pattern], ["pattern", pattern]] as const) {
    if (text === undefined) continue;
    sought.push({ name, matcher: openMatcher(parseExpression(text, name)) });
  }
  return sought;
}
