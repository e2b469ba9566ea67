/** `persistproc run`, and `persistproc PROGRAM`: starts or attaches, shows, follows. */
import { describeError, PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_HISTORY_LINES } from "../../protocol/limits.ts";
import type { LocatedCtrlResult } from "../../protocol/requests.ts";
import { statusWithoutServer } from "../attach/exit_status.ts";
import { showHistory } from "../attach/history.ts";
import { Interrupts, type OnExit } from "../attach/interrupts.ts";
import { LineSink, PlainSink, type Sink } from "../attach/sink.ts";
import { States } from "../attach/states.ts";
import { viewProcess } from "../attach/view.ts";
import { HoldableWriter } from "../attach/writer.ts";
import { connect } from "../connect.ts";
import { callerOf, settingsOf } from "../context.ts";
import { formatSurvivors } from "../format/ctrl.ts";
import type { Invocation } from "../parse.ts";
import type { Settings } from "../settings.ts";
import { startProgram } from "../start_program.ts";
import { keepIgnoringHangUp } from "../terminal/hang_up.ts";
import { printNote } from "../terminal/write.ts";

export default async function run(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const settings = settingsOf(invocation);
  const staying = keepIgnoringHangUp();
  const { client, started } = await startProgram(invocation, settings, {
    fresh: options.flag("fresh") || undefined,
  });

  await staying;
  const note = noteOf(settings);
  const writer = new HoldableWriter();
  const sink: Sink = options.flag("raw")
    ? new LineSink(writer, { timestamps: true, streams: true, ansi: true, together: false })
    : new PlainSink(writer);
  // What is shown now; a restart changes it.
  let shown: Pick<LocatedCtrlResult, "pid" | "run_directory"> = started;
  const states = new States({
    settings,
    client,
    process: started.process,
    runDirectory: () => shown.run_directory,
    endedWithout: () => statusWithoutServer(shown),
    note,
  });
  const stop = async (force: boolean) => {
    try {
      const client = await connect(settings, options.flag("no-autostart") ? "never" : "if needed");
      const request = { action: "stop", pid: shown.pid ?? undefined, force } as const;
      const { survivors } = await client.ctrl(request, callerOf(settings));
      await printNote(formatSurvivors(survivors));
    } catch (error) {
      if (!(error instanceof PersistprocError)) throw error;
      // It has ended meanwhile, which its state tells.
      if (error.code === "not_running") return true;
      await printNote(`Error: ${describeError(error)}\n`);
      return false;
    }
    return true;
  };
  using interrupts = new Interrupts({
    onExit: (options.text("on-exit") ?? "ask") as OnExit,
    name: () => `${started.label} (PID ${shown.pid})`,
    stop,
    writer,
    note,
  });
  return await Promise.race([interrupts.left, show()]);

  async function show(): Promise<number> {
    const from = await startOffsets();
    return await viewProcess({
      states,
      first: started,
      from,
      sink,
      onState: (process) => shown = process,
      onEnding: () => interrupts.withdraw(),
      note,
    });
  }

  async function startOffsets() {
    if (!started.already_running) return { stdout: 0, stderr: 0 };
    await note(`${started.label} runs already (PID ${started.pid})`);
    const lines = options.number("lines") ?? DEFAULT_HISTORY_LINES;
    const source = { label: started.label, runDirectory: started.run_directory };
    const [from] = await showHistory([source], sink, { lines, since: null, before: null });
    return from ?? { stdout: 0, stderr: 0 };
  }
}

/** Says something about the view, not of the program, on stderr; `-q` silences it. */
function noteOf(settings: Settings): (message: string) => Promise<void> {
  return (message) =>
    settings.verbosity < 0 ? Promise.resolve() : printNote(`persistproc: ${message}\n`);
}
