/** Shows one process, over all its restarts, until it has ended for good. */
import { dirname, join } from "@std/path";
import type { LogSizes } from "../../logs/run_files.ts";
import type { LocatedProcess } from "../../protocol/process.ts";
import { exitStatus } from "./exit_status.ts";
import { endNotice, otherKindNotice, restartNotice } from "./notices.ts";
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
  /** Whether a run can be shown as the first one is. */
  showable: (process: LocatedProcess) => boolean;
  /** Told of each state, before it is acted on. */
  onState: (process: LocatedProcess) => void;
  /** Told when only the rest of the output is still to come. */
  onEnding: () => Promise<void> | void;
  note: (message: string) => Promise<void>;
}

/**
 * Shows a process to its end; returns its exit status once its last byte is shown. A run that cannot
 * be shown as the first one is left alone, with 0.
 */
export function viewProcess(options: ViewOptions): Promise<number> {
  const failure = Promise.withResolvers<never>();
  return Promise.race([view(options, failure.reject), failure.promise]);
}

async function view(options: ViewOptions, fail: (error: unknown) => void): Promise<number> {
  const { states, first, from, sink, showable, onState, onEnding, note } = options;
  const show = (runDirectory: string, offsets: LogSizes) =>
    new ShownRun({ label: first.label, runDirectory }, offsets, sink, fail);
  const watched = Deno.stderr.isTerminal();
  let current = runNumber(first.run_directory);
  let shown = show(first.run_directory, from);

  for await (const state of states) {
    if ("ended" in state) {
      await onEnding();
      await shown.finish();
      if (watched) await note(`ended with status ${state.ended}`);
      return state.ended;
    }
    const { process, restarting, remark } = state.event;
    onState(process);
    // One by one: runs that came and went between two states have been written, too.
    for (const newest = runNumber(process.run_directory); current < newest;) {
      await shown.finish();
      if (!showable(process)) {
        await onEnding();
        await note(otherKindNotice(state.event));
        return 0;
      }
      current++;
      await note(restartNotice(current === newest ? state.event : null));
      shown = show(join(dirname(process.run_directory), String(current)), { stdout: 0, stderr: 0 });
    }
    if (process.status !== "exited" && process.status !== "failed") continue;
    if (!restarting) await onEnding();
    await shown.finish();
    if (restarting) continue;
    if (remark) await note(remark);
    if (process.status === "failed") {
      await note(process.reason);
      return 1;
    }
    const notice = endNotice(state.event, watched);
    if (notice !== null) await note(notice);
    return exitStatus(process);
  }
  throw new Error("the states of a process do not end by themselves");
}
