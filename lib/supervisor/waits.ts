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
import { httpStatus } from "../system/http_answer.ts";
import type { Listener } from "../system/listeners.ts";
import type { Core } from "./core.ts";
import { NewOutput, type Sought } from "./new_output.ts";
import { reasonOf } from "./info.ts";
import { outputRun } from "./output_runs.ts";
import { SharedPoll } from "./polled.ts";
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

/** What has ended a wait. */
interface Ending {
  outcome: WaitOutcome;
  line: string | null;
}

/** A condition that has to be asked for: what it says now, and that it is asked no more. */
interface Probe extends Disposable {
  ending: Ending | null;
  /** What to say when time is over. */
  remark: string | null;
  /** Output has come: what is waited for may have come with it. */
  hurry(): void;
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
    const probes: Probe[] = [];
    if (port !== undefined) probes.push(this.#portProbe(process, run, port, wake));
    if (http !== undefined) probes.push(httpProbe(http, wake));
    return probes;
  }

  #portProbe(
    process: ManagedProcess,
    run: RunRecord,
    wanted: number | "any",
    wake: () => void,
  ): Probe {
    let looked = "";
    const poll = this.#listeners;
    const look = async (listeners: Listener[]) => {
      const candidates = listeners.filter(({ port }) => wanted === "any" || port === wanted);
      // Who belongs to a run costs more to know than who listens: only where there is news.
      const seen = JSON.stringify(candidates);
      if (candidates.length === 0 || seen === looked) return;
      const members = await this.#core.members.look();
      const own = new Set(
        members.get(runId(process.record, run))?.map(({ pid }) => pid) ?? [],
      );
      const found = candidates.find(({ pid }) => pid !== null && own.has(pid)) ??
        // A port of another user's process may be forwarded to ours (docker).
        (wanted === "any" ? undefined : candidates.find(({ pid }) => pid === null));
      if (found !== undefined) {
        const { address, port } = found;
        const host = address.includes(":") ? `[${address}]` : address;
        probe.ending = { outcome: "port", line: `listens on ${host}:${port}` };
        return wake();
      }
      looked = seen;
      if (wanted === "any") return;
      probe.remark = `port ${wanted} is listened on by PID ${candidates[0]?.pid}, ` +
        "which does not belong to this process";
    };
    const stop = poll.listen((listeners) => void look(listeners).catch(() => {}));
    const probe: Probe = {
      ending: null,
      remark: null,
      hurry: () => poll.hurry(),
      [Symbol.dispose]: stop,
    };
    return probe;
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

function httpProbe(url: string, wake: () => void): Probe {
  const given = new AbortController();
  const poll = new SharedPoll(() => httpStatus(url, given.signal));
  const stop = poll.listen((status) => {
    if (status === null) return;
    const line = `${url} answers ${status}`;
    probe.remark = line;
    if (status >= 500) return;
    probe.ending = { outcome: "http", line };
    wake();
  });
  const probe: Probe = {
    ending: null,
    remark: null,
    hurry: () => poll.hurry(),
    [Symbol.dispose]() {
      stop();
      given.abort();
    },
  };
  return probe;
}
