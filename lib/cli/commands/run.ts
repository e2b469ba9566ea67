/** `persistproc run`, and `persistproc PROGRAM`: starts or attaches, shows, follows. */
import { PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_HISTORY_LINES } from "../../protocol/limits.ts";
import type { CtrlRequest, LocatedCtrlResult } from "../../protocol/requests.ts";
import { readTerminal } from "../../system/run_terminal.ts";
import { statusWithoutServer } from "../attach/exit_status.ts";
import { showHistory } from "../attach/history.ts";
import { InterruptSignal } from "../attach/interrupt_signal.ts";
import { Interrupts, type OnExit } from "../attach/interrupts.ts";
import { LineSink, PlainSink, type Sink } from "../attach/sink.ts";
import { attachNotice, unreadInputNotice } from "../attach/notices.ts";
import { States } from "../attach/states.ts";
import { stopShown } from "../attach/stop_shown.ts";
import { TerminalKeys } from "../attach/terminal_keys.ts";
import { TerminalSink, TerminalWriter } from "../attach/terminal_writer.ts";
import { canType, typedInput } from "../attach/typed_input.ts";
import { viewProcess } from "../attach/view.ts";
import { HoldableWriter } from "../attach/writer.ts";
import { connect } from "../connect.ts";
import { callerOf, settingsOf } from "../context.ts";
import type { Invocation } from "../parse.ts";
import { startProgram } from "../start_program.ts";
import { ASK_KEY_NAME } from "../terminal/ask_key.ts";
import { keepIgnoringHangUp } from "../terminal/hang_up.ts";
import { hasUnreadInput } from "../terminal/unread_input.ts";
import { printNote } from "../terminal/write.ts";

export default async function run(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const settings = settingsOf(invocation);
  const quiet = settings.verbosity < 0;
  const interrupted = new InterruptSignal({
    onWaiting: async () => {
      if (quiet) return;
      await printNote("persistproc: waiting for the server's answer; Ctrl+C again leaves\n");
    },
  });
  const staying = keepIgnoringHangUp();
  staying.catch(() => {
    // Thrown where it is waited for.
  });
  const starting = startProgram(
    invocation,
    settings,
    { fresh: options.flag("fresh") || undefined },
    async () => {
      await staying;
      interrupted.listen();
    },
  );
  const { client, started } = await Promise.race([starting, interrupted.givenUp]);

  // A terminal of its own is shown on this one, unless its lines are to be shown instead.
  const onTerminal = canType() && !options.flag("raw");
  const hasTerminal = await readTerminal(started.run_directory) !== null;
  const terminal = onTerminal && hasTerminal ? new TerminalWriter({ quiet }) : null;
  const writer = terminal ?? new HoldableWriter({ quiet });
  const note = (message: string) => writer.note(message);
  const sink: Sink = options.flag("raw")
    ? new LineSink(writer, { timestamps: true, streams: true, ansi: true, together: false })
    : terminal
    ? new TerminalSink(terminal, async () => await keys?.redraw())
    : new PlainSink(writer);
  if (options.text("stdin") === undefined && !hasTerminal && await hasUnreadInput()) {
    await note(unreadInputNotice(started));
  }
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
  const ask = async (request: CtrlRequest) => {
    const client = await connect(settings, options.flag("no-autostart") ? "never" : "if needed");
    return await client.ctrl({ pid: shown.pid ?? undefined, ...request }, callerOf(settings));
  };
  const write = async (piece: { data: string }) => {
    const request = { action: "input", pid: shown.pid ?? undefined, ...piece } as const;
    try {
      return await states.client.ctrl(request, callerOf(settings));
    } catch (error) {
      if (!(error instanceof PersistprocError) || error.code !== "server_unreachable") throw error;
      return await ask(request);
    }
  };
  await using keys: TerminalKeys | null = terminal && new TerminalKeys({
    write,
    ask: () => interrupts.interrupt(),
    answer: (bytes) => interrupts.type(bytes),
    runDirectory: () => shown.run_directory,
    writer: terminal,
  });
  // What is not open takes no input; then the keys are left to the shell.
  await using lines = !terminal && canType() && (options.text("stdin") ?? "open") === "open"
    ? typedInput({ write, writer })
    : null;
  const keyboard = keys ?? lines;
  using interrupts: Interrupts = new Interrupts({
    onExit: (options.text("on-exit") ?? "ask") as OnExit,
    process: () => ({ label: started.label, pid: shown.pid }),
    stop: (force) => stopShown(ask, force),
    writer,
    key: keys ? ASK_KEY_NAME : "Ctrl+C",
    keyboard,
  });
  interrupted.onSignal(() => void interrupts.interrupt());
  const left = [interrupts.left, keys?.left, keyboard?.failed].filter((end) => end !== undefined);
  return await Promise.race([...left, show()]);

  async function show(): Promise<number> {
    const from = await startOffsets();
    return await viewProcess({
      states,
      first: started,
      from,
      sink,
      showable: ({ pty }) => !onTerminal || (pty ?? false) === hasTerminal,
      onState: (process) => {
        const restarted = shown.run_directory !== process.run_directory;
        shown = process;
        if (restarted) void keys?.resize();
      },
      // What is typed from now on is the shell's.
      onEnding: async () => {
        interrupts.withdraw();
        await keyboard?.pause();
      },
      note,
    });
  }

  async function startOffsets() {
    await keys?.ready;
    if (keys) await note(`every key goes to the program; ${ASK_KEY_NAME} stops or leaves it`);
    if (!started.already_running) return { stdout: 0, stderr: 0 };
    await note(attachNotice(started));
    await keys?.resize();
    const drawn = await terminal?.join(started.run_directory);
    if (terminal?.drawing && drawn) {
      await keys?.redraw();
      return drawn;
    }
    const lines = options.number("lines") ?? DEFAULT_HISTORY_LINES;
    const source = { label: started.label, runDirectory: started.run_directory };
    const [from] = await showHistory([source], sink, { lines, since: null, before: null });
    return from ?? { stdout: 0, stderr: 0 };
  }
}
