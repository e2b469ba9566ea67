/** Shows one process, over all its restarts, until it has ended for good. */
import { dirname, join } from "@std/path";
import type { LogSizes } from "../../logs/run_files.ts";
import type { LocatedProcess } from "../../protocol/process.ts";
import { exitStatus } from "./exit_status.ts";
import { runNumber, ShownRun } from "./shown_run.ts";
import type { Sink } from "./sink.ts";
import type { State } from "./states.ts";

/** What a view depends on. */
export interface ViewOptions {
  states: AsyncIterable<State>;
  /** The run that is shown first, and from where. */
  first: { label: string; run_directory: string };
  from: LogSizes;
  sink: Sink;
  /** Told of each state, before it is acted on. */
  onState: (process: LocatedProcess) => void;
  /** Told when only the rest of the output is still to come. */
  onEnding: () => void;
  note: (message: string) => Promise<void>;
}

/** Shows a process to its end; returns its exit status once its last byte is shown. */
export function viewProcess(options: ViewOptions): Promise<number> {
  const failure = Promise.withResolvers<never>();
  return Promise.race([view(options, failure.reject), failure.promise]);
}

async function view(options: ViewOptions, fail: (error: unknown) => void): Promise<number> {
  const { states, first, from, sink, onState, onEnding, note } = options;
  const show = (runDirectory: string, offsets: LogSizes) =>
    new ShownRun({ label: first.label, runDirectory }, offsets, sink, fail);
  let current = runNumber(first.run_directory);
  let shown = show(first.run_directory, from);

  for await (const state of states) {
    if ("ended" in state) {
      onEnding();
      await shown.finish();
      return state.ended;
    }
    const { process, restarting, by, remark } = state.event;
    onState(process);
    // One by one: runs that came and went between two states have been written, too.
    for (const newest = runNumber(process.run_directory); current < newest;) {
      await shown.finish();
      current++;
      const who = current === newest ? by ?? process.started_by : null;
      await note(
        `restarted${who ? ` by ${who}` : ""}${current === newest ? ` (PID ${process.pid})` : ""}`,
      );
      shown = show(join(dirname(process.run_directory), String(current)), { stdout: 0, stderr: 0 });
    }
    if (process.status !== "exited" && process.status !== "failed") continue;
    if (!restarting) onEnding();
    await shown.finish();
    if (restarting) continue;
    if (remark) await note(remark);
    if (process.status === "failed") {
      await note(process.reason);
      return 1;
    }
    return exitStatus(process);
  }
  throw new Error("the states of a process do not end by themselves");
}
