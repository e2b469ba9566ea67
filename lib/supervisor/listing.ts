/** `list`: the processes that match, with all that they take and offer. */
import { ErrorCounter } from "../logs/error_lines.ts";
import { type ListedProcess, type LocatedProcess, NO_USAGE } from "../protocol/process.ts";
import type { ListRequest } from "../protocol/requests.ts";
import { describe } from "./announcements.ts";
import type { Core } from "./core.ts";
import type { Inspector } from "./inspector.ts";
import { currentRun, type ProcessRecord, runDirectory, type RunRecord } from "./record.ts";
import { meansCommand, realPathOrSame, wordsOf } from "./targets.ts";

/** How long errors are counted for one answer, all processes together. */
const COUNT_MILLISECONDS = 150;

/** Lists processes; what they take and offer is looked up when somebody asks. */
export class Listing {
  readonly #core: Core;
  readonly #inspector: Inspector;
  readonly #errors = new ErrorCounter();

  constructor(core: Core, inspector: Inspector) {
    this.#core = core;
    this.#inspector = inspector;
  }

  /** The processes that match, in the order of their first start. */
  async list(request: ListRequest): Promise<(LocatedProcess & ListedProcess)[]> {
    const { pid, command_or_label: wanted, running_only } = request;
    const directory = await realPathOrSame(request.working_directory);
    const words = wanted === undefined ? [] : wordsOf(wanted);
    const named = pid === undefined ? undefined : this.#core.registry.byPid(pid);
    const processes = this.#core.registry.all()
      .filter((process) => pid === undefined || process === named?.process)
      .filter(({ record }) =>
        wanted === undefined || record.label === wanted || meansCommand(record, wanted, words)
      )
      .filter(({ record }) => directory === undefined || record.working_directory === directory)
      .filter(({ live }) => !running_only || live);
    const [inspections, errors] = await Promise.all([
      this.#inspector.inspect(processes),
      this.#countErrors(processes.map(({ record }) => [record, named?.run ?? currentRun(record)])),
    ]);
    return processes.map((process, at) => {
      const described = {
        ...describe(this.#core, process, named?.run),
        error_lines: errors[at] ?? 0,
      };
      const seen = inspections.get(process);
      // What an earlier run took and offered is gone with it.
      if (seen === undefined || (named && named.run !== currentRun(process.record))) {
        return { ...described, ...NO_USAGE };
      }
      const reason = seen.remark === null
        ? described.reason
        : `${described.reason}; ${seen.remark}`;
      return { ...described, ...seen.usage, reason };
    });
  }

  /** How many lines of runs look like errors; in a bounded time, so that it may be more. */
  async #countErrors(runs: readonly [ProcessRecord, RunRecord][]): Promise<number[]> {
    const { directory } = this.#core.store;
    const directories = runs.map(([record, run]) => runDirectory(directory, record, run));
    const known = this.#core.registry.all().flatMap(({ record }) =>
      record.runs.map((run) => runDirectory(directory, record, run))
    );
    this.#errors.keep(new Set(known));
    const milliseconds = COUNT_MILLISECONDS / Math.max(1, runs.length);
    return await Promise.all(directories.map((path) => this.#errors.count(path, milliseconds)));
  }
}
