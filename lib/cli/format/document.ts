/** The tool's facts, without what only the command line needs. */
import type { CtrlResult, ListResult, LocatedCtrlResult } from "../../protocol/requests.ts";
import type { ListedProcess, RunLocation } from "../../protocol/process.ts";

/** The facts of a result of `ctrl`. */
export function ctrlDocument(located: LocatedCtrlResult): CtrlResult {
  return withoutLocation(located);
}

/** The facts of a result of `list`. */
export function listDocument(located: ListResult): ListResult {
  return { processes: located.processes.map((process) => withoutLocation<ListedProcess>(process)) };
}

function withoutLocation<Facts>(located: Facts & Partial<RunLocation>): Facts {
  const { process: _process, run: _run, run_directory: _directory, ...facts } = located;
  return facts as Facts;
}
