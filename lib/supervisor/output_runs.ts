/** The runs of processes as sources of output. */
import type { OutputRun } from "../protocol/requests.ts";
import { isLive, type ProcessRecord, runDirectory, type RunRecord } from "./record.ts";

/** One run as it can be read. */
export function outputRun(processes: string, record: ProcessRecord, run: RunRecord): OutputRun {
  return {
    process: record.id,
    label: record.label,
    run: run.number,
    pid: run.pid,
    start_time: new Date(run.started_at).toISOString(),
    run_directory: runDirectory(processes, record, run),
    ended: !isLive(run),
  };
}
