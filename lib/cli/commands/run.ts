/** `persistproc run`, and `persistproc PROGRAM`: starts or attaches, shows, follows. */
import { describeError, PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_HISTORY_LINES } from "../../protocol/limits.ts";
import type { LocatedCtrlResult } from "../../protocol/requests.ts";
import { recordedStatus } from "../attach/exit_status.ts";
import { showHistory } from "../attach/history.ts";
import { Interrupts, type OnExit } from "../attach/interrupts.ts";
import { LineSink, PlainSink, type Sink } from "../attach/sink.ts";
import { States } from "../attach/states.ts";
import { viewProcess } from "../attach/view.ts";
import { HoldableWriter } from "../attach/writer.ts";
import { connect } from "../connect.ts";
import { callerOf, settingsOf, startingCaller } from "../context.ts";
import { formatSurvivors } from "../format/ctrl.ts";
import type { Invocation } from "../parse.ts";
import type { Settings } from "../settings.ts";
import { stdinSource } from "../stdin_source.ts";
import { programTarget } from "../target.ts";
import { keepIgnoringHangUp } from "../terminal/hang_up.ts";
import { printNote } from "../terminal/write.ts";
import { systemSignals } from "../../system/signals.ts";

/** What a shell reports for a program that SIGKILL ended: only that leaves no status behind. */
const KILLED = 128 + 9;

export default async function run(invocation: Invocation): Promise<number> {
  const { options, operands } = invocation;
  const target = programTarget(operands);
  const settings = settingsOf(invocation);
  const staying = keepIgnoringHangUp();
  const stdin = options.text("stdin");
  const input = stdin === undefined ? undefined : await stdinSource(stdin, settings);
  const autostart = options.flag("no-autostart") ? "never" : "always";
  const client = await connect(settings, autostart);
  const started = await client.ctrl({
    action: "start",
    ...target,
    label: options.text("label"),
    working_directory: settings.directory,
    fresh: options.flag("fresh") || undefined,
    stdin: input,
  }, startingCaller(settings));

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
      const client = await connect(settings, autostart);
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

/** The exit status of a run that has ended while nobody but its files can tell. */
async function statusWithoutServer(
  run: Pick<LocatedCtrlResult, "pid" | "run_directory">,
): Promise<number | null> {
  const recorded = await recordedStatus(run.run_directory);
  if (recorded !== null || run.pid === null || systemSignals.exists(run.pid)) return recorded;
  // It may have been written between the two looks.
  return await recordedStatus(run.run_directory) ?? KILLED;
}
