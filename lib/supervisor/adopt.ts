/** What a server finds at its start: runs that go on, and runs that ended while none lived. */
import { join } from "@std/path";
import { lastWords } from "../logs/error_lines.ts";
import { EXIT_FILE } from "../logs/run_files.ts";
import { readIdentity } from "../system/run_identity.ts";
import { type Core, persist } from "./core.ts";
import { mayStillEnd, seeToEnd, watchRun } from "./end_run.ts";
import { readProgramEnd } from "./keeper_files.ts";
import { currentRun, isLive, type ProcessRecord, runDirectory, type RunRecord } from "./record.ts";
import { ManagedProcess } from "./registry.ts";
import { retained, retainFound } from "./retain.ts";
import { nextRunState } from "./run_state.ts";

/** Takes over the processes of a data directory. */
export async function adoptAll(core: Core, records: ProcessRecord[]): Promise<void> {
  const byFirstStart = records.toSorted((a, b) =>
    (a.runs[0]?.started_at ?? 0) - (b.runs[0]?.started_at ?? 0)
  );
  for (const record of byFirstStart) {
    const process = new ManagedProcess(record);
    core.registry.add(process);
    await retainFound(core, process);
    const run = currentRun(record);
    if (!isLive(run)) continue;
    const directory = runDirectory(core.store.directory, record, run);
    await learnIdentity(directory, run);
    if (await readProgramEnd(directory) === null && await mayStillEnd(core, run)) {
      Object.assign(run, nextRunState(run, { type: "adopted" }));
      watchRun(core, process, run);
      // What its keeper has written since that look is no news to the watch.
      if (await readProgramEnd(directory) !== null) await seeToEnd(core, process, run);
    } else {
      await settle(core, directory, run);
      // What it wrote while nobody watched is indexed now, with the interval that it fell into.
      const kept = retained(core, process, run);
      core.recorder.add(directory, { onGrowth: (sizes) => core.retention.grown(kept, sizes) });
    }
    await persist(core, process);
  }
  await core.members.look();
  core.retention.keepTotal();
}

/** The server may have died between the start of a program and writing its PID down. */
async function learnIdentity(directory: string, run: RunRecord): Promise<void> {
  if (run.pid !== null) return;
  const identity = await readIdentity(directory);
  if (identity === null) return;
  run.pid = identity.pid;
  run.group = identity.group || null;
  if (identity.terminal !== null) run.terminal = identity.terminal;
  run.kernel_started = identity.started;
}

async function settle(core: Core, directory: string, run: RunRecord): Promise<void> {
  const end = await readProgramEnd(directory);
  const at = end === null ? core.clock.now() : await exitFileTime(directory);
  const unseen = "ended while no server was running";
  if (end === null) {
    const why = run.boot === core.boot
      ? `${unseen}, its exit status is not known`
      : "ended with a restart of the machine";
    Object.assign(
      run,
      nextRunState(run, { type: "found_ended", at, code: null, signal: null, why }),
    );
  } else if (end.unstarted !== null) {
    const why = `The program could not be executed: ${end.unstarted}.`;
    Object.assign(run, nextRunState(run, { type: "failed", at, why }));
  } else {
    const why = end.signal === null ? `${unseen}, code ${end.code}` : `${unseen}, by ${end.signal}`;
    const said = end.code === 0 ? undefined : lastWords(directory) ?? undefined;
    Object.assign(run, nextRunState(run, { type: "found_ended", at, ...end, why, said }));
  }
}

/** When the keeper wrote how the program ended. */
async function exitFileTime(directory: string): Promise<number> {
  return (await Deno.stat(join(directory, EXIT_FILE))).mtime?.getTime() ?? 0;
}
