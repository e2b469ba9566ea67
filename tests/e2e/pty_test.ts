/** `--pty`: a program with a terminal of its own, seen from another terminal and by agents. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { logText } from "../support/log_files.ts";
import { processState, Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const QUESTION = "s stop, d detach, Enter stay? ";
const CTRL_C = "\x03";
const ASK = "\x1c";

/** Says what each key is, one by one, and ends with 4 when it is q. */
const KEYS = `stty raw -echo
printf 'ready\\r\\n'
while :; do
  key=$(dd bs=1 count=1 2>/dev/null | od -An -tx1 | tr -d ' \\n')
  printf '<%s>' "$key"
  [ "$key" = 71 ] && exit 4
done
`;

/** Draws its size on the other screen, again when that changes, and what is typed below. */
const DRAWING = `trap 'printf "\\033[2J\\033[HSIZE %s\\n" "$(stty size)"' WINCH
printf '\\033[?1049h\\033[?25l\\033[2J\\033[HSIZE %s\\n' "$(stty size)"
while :; do IFS= read -r line && printf 'READ %s\\n' "$line"; done
`;

const serving = () => Workspace.serving({ "keys.sh": KEYS, "drawing.sh": DRAWING });

// deno-lint-ignore no-explicit-any -- a test knows what `list` answers
async function only(workspace: Workspace): Promise<any> {
  const processes = await workspace.processes();
  assertEquals(processes.length, 1);
  return processes[0];
}

function gone(pid: number): Promise<boolean> {
  return until(async () => await processState(pid) === null, { what: `the end of ${pid}` });
}

Deno.test("every key reaches the program as it is, Ctrl+C too, and its status is ours", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  await terminal.type("persistproc run --pty sh keys.sh\r");
  await terminal.waitFor("ready\r\n");
  await terminal.type(`a${CTRL_C}`);
  await terminal.waitFor("<61><03>");
  await terminal.type("\x1b[A\r\n\x1a\x04\x11\x13ü");
  await terminal.waitFor("<1b><5b><41><0d><0a><1a><04><11><13><c3><bc>");
  const from = terminal.screen.length;
  await terminal.type("q");
  await terminal.waitFor("exited with code 4", from);
  assertStringIncludes(await terminal.command(""), "<done 4>");
  assertEquals(await terminal.modes(), modes);
  const { pty, exit_code, log_stderr } = await only(workspace);
  assertEquals([pty, exit_code, await Deno.readTextFile(log_stderr)], [true, 4, ""]);
});

Deno.test("the program has the size of the terminal, and is told of each change", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(
    workspace,
    "stty rows 33 cols 111; exec persistproc run --pty sh drawing.sh",
  );
  await terminal.waitFor("SIZE 33 111\r\n");
  await terminal.resize(70);
  await terminal.waitFor("SIZE 33 70\r\n");
});

Deno.test("Ctrl+\\ asks: Enter goes on, s stops it, and the terminal is as it was", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  await terminal.type("persistproc run --pty sh keys.sh\r");
  await terminal.waitFor("Ctrl+\\ stops or leaves it");
  await terminal.waitFor("ready\r\n");
  await terminal.type(ASK);
  await terminal.waitFor(QUESTION);
  const stayed = terminal.screen.length;
  await terminal.type("\r");
  // The keys are the program's again as soon as the terminal is raw.
  await until(async () => await terminal.modes() !== modes, { what: "a raw terminal" });
  await until(async () => {
    await terminal.type("x");
    return terminal.screen.slice(stayed).includes("<78>");
  }, { what: "a key that reaches the program" });
  await terminal.type(ASK);
  await terminal.waitFor(QUESTION, stayed);
  await terminal.type("s");
  // Until then the keys may still be read by the viewer.
  await terminal.waitFor("persistproc: stopped by terminal", stayed);
  assertEquals((await only(workspace)).status, "exited");
  assertStringIncludes(await terminal.command(""), "<done 143>");
  assertEquals(await terminal.modes(), modes);
});

Deno.test("what is typed right after Ctrl+\\ answers it", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  await terminal.type("persistproc run --pty sh keys.sh\r");
  await terminal.waitFor("ready\r\n");
  await terminal.type(`a${ASK}d`);
  await terminal.waitFor("detached; ");
  assertStringIncludes(await terminal.command(""), "<done 0>");
  // Not in one piece either.
  const from = terminal.screen.length;
  await terminal.type("persistproc run sh keys.sh\r");
  await terminal.waitFor("Ctrl+\\ stops or leaves it", from);
  await until(async () => {
    await terminal.type("x");
    return terminal.screen.slice(from).includes("<78>");
  }, { what: "a key that reaches the program" });
  for (const key of [ASK, "d"]) await terminal.type(key);
  await terminal.waitFor("detached; ", from);
  assertStringIncludes(await terminal.command(""), "<done 0>");
  assertEquals((await only(workspace)).status, "running");
});

Deno.test("whoever asks while the keys are about to be read gets them read afterwards", async () => {
  await using workspace = await serving();
  // Where the keys go is asked of `ps`; it answers late when there is `hold`.
  await workspace.write(
    "bin/ps",
    `#!/bin/sh
     trap '' INT
     if [ "$2" = pgid= ] && rm hold 2>/dev/null; then
       touch held; while [ -e held ]; do sleep 0.02; done
     fi
     PATH=\${PATH#*:} exec ps "$@"`,
    { mode: 0o755 },
  );
  const held = () => Deno.stat(workspace.path("held")).then(() => true, () => false);
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  await terminal.type("persistproc run --pty sh keys.sh\r");
  await terminal.waitFor("ready\r\n");
  await terminal.type(ASK);
  await terminal.waitFor(QUESTION);
  await workspace.write("hold", "");
  await terminal.type("\r");
  await until(held, { what: "a `ps` that waits" });
  const from = terminal.screen.length;
  await until(async () => await terminal.modes() === modes, { what: "a terminal that is not raw" });
  await terminal.type(CTRL_C);
  await terminal.waitFor(QUESTION, from);
  const asking = await terminal.modes();
  await Deno.remove(workspace.path("held"));
  await terminal.noneOf("ps");
  assertEquals(await terminal.modes(), asking);
  await terminal.type("\r");
  await until(async () => {
    await terminal.type("x");
    return terminal.screen.slice(from).includes("<78>");
  }, { what: "a key that reaches the program" });
  await terminal.type("q");
  await terminal.waitFor("exited with code 4", from);
  assertEquals(await terminal.modes(), modes);
});

Deno.test("a viewer that cannot set its terminal any more says so and leaves", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  await terminal.type("persistproc run --pty sh keys.sh\r");
  await terminal.waitFor("ready\r\n");
  const viewer = await terminal.pid("keys.sh");
  await workspace.write("bin/stty", "#!/nowhere/sh\n", { mode: 0o755 });
  Deno.kill(viewer, "SIGCONT");
  await terminal.waitFor("Error: persistproc itself failed: ");
  await gone(viewer);
  assertStringIncludes(await terminal.command(""), "<done 1>");
  assertEquals(await terminal.modes(), modes);
  assertEquals((await only(workspace)).status, "running");
});

Deno.test("a start anew of the other kind is told and left, with the terminal as it was", async () => {
  await using workspace = await serving();
  await workspace.write("lines.sh", "echo one; echo two; exec sleep 1000");
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  const command = ["--label", "my app", "sh", "lines.sh"];
  for (const [own, next, kind] of [["--pty", [], "without"], ["", ["--pty"], "with"]] as const) {
    const from = terminal.screen.length;
    await terminal.type(`persistproc run ${own} --label 'my app' sh lines.sh\r`);
    await terminal.waitFor("two\r\n", from);
    await using other = workspace.spawn(["run", "--fresh", ...next, ...command]);
    const told = await terminal.waitFor(/persistproc: restarted .*attach.*\r\n/, from);
    assertStringIncludes(told, `) ${kind} a terminal of its own; `);
    assertStringIncludes(told, ": persistproc run --label 'my app' sh lines.sh\r\n");
    assertStringIncludes(await terminal.command(""), "<done 0>");
    assertEquals(await terminal.modes(), modes);
    assertEquals((await only(workspace)).status, "running");
    await other.waitFor("two");
    await workspace.run(["stop", "my app", "--force"]);
  }
});

/** Writes much, in the middle of it a switch, when there is a gate. */
const MUCH = `trap 'printf "SIZE %s\\n" "$(stty size)"' WINCH
printf '\\033[?2004h'; printf "$1"; echo ready
while ! [ -e gate ]; do sleep 0.02; done
seq 1 50000; printf "$2"; seq 1 500000; echo last words
while :; do IFS= read -r line; done
`;
const OTHER_SCREEN = "\x1b[?1049h";
const FIRST_SCREEN = "\x1b[?1049l";
// Twice where the terminal is just being taken back, after SIGCONT.
const MARK = /… [\d.]+ MiB skipped: the terminal did not keep up …\r{1,2}\n/;

/** Runs that with a viewer which is stopped meanwhile: it finds all of it at once. */
async function viewerOfMuch(workspace: Workspace, switches: string[]): Promise<Terminal> {
  await workspace.write("much.sh", MUCH);
  const words = switches.map((text) => text.replace("\x1b", "\\033"));
  // No shell with job control, which would take its terminal from it.
  const line = `persistproc run --pty sh much.sh '${words.join("' '")}'`;
  const terminal = await Terminal.open(workspace, line);
  await terminal.waitFor("ready\r\n");
  const viewer = await terminal.pid("much.sh");
  Deno.kill(viewer, "SIGSTOP");
  await workspace.write("gate", "");
  const { log_stdout } = await only(workspace);
  const written = async () => (await logText(log_stdout)).endsWith("last words\r\n");
  await until(written, { what: "all that it writes" });
  Deno.kill(viewer, "SIGCONT");
  await terminal.waitFor(/last words\r{1,2}\n/);
  return terminal;
}

Deno.test("who leaves the other screen in what is left out has left it", async () => {
  await using workspace = await serving();
  await using terminal = await viewerOfMuch(workspace, [OTHER_SCREEN, FIRST_SCREEN]);
  const mark = MARK.exec(terminal.screen);
  assert(mark !== null, terminal.screen.slice(0, 1_000));
  assertEquals(terminal.screen.slice(0, mark.index).split(FIRST_SCREEN).length, 2);
  const from = terminal.screen.length;
  await workspace.run(["stop", "--force", (await only(workspace)).label]);
  // Undone at the end is what was not undone before.
  await terminal.waitFor("\x1b[?2004l", from);
  assertEquals(terminal.screen.slice(from).includes(FIRST_SCREEN), false);
});

Deno.test("who enters the other screen in what is left out draws anew there", async () => {
  await using workspace = await serving();
  await using terminal = await viewerOfMuch(workspace, ["", OTHER_SCREEN]);
  const mark = MARK.exec(terminal.screen);
  assert(mark !== null, terminal.screen.slice(0, 1_000));
  assertStringIncludes(terminal.screen.slice(mark.index), OTHER_SCREEN);
  // Another size and back is what makes a program draw; it may be told of both at once.
  await terminal.waitFor("SIZE 24 80\r\n", mark.index);
});

Deno.test("leaving gives the terminal back as it was, however it is left", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  for (const way of ["d", "SIGTERM", "SIGHUP"] as const) {
    const from = terminal.screen.length;
    await terminal.type("persistproc run --pty sh drawing.sh\r");
    await terminal.waitFor(/SIZE \d+ \d+\r\n/, from);
    await until(async () => await terminal.modes() !== modes, { what: "a raw terminal" });
    const viewer = await terminal.pid("drawing.sh");
    if (way === "d") {
      await terminal.type(ASK);
      await terminal.waitFor(QUESTION, from);
      await terminal.type("d");
    } else Deno.kill(viewer, way);
    await gone(viewer);
    const end = { d: 0, SIGTERM: 143, SIGHUP: 129 }[way];
    assertStringIncludes(await terminal.command(""), `<done ${end}>`, way);
    assertEquals(await terminal.modes(), modes, way);
    // The screen before, and the cursor.
    for (const undone of ["\x1b[?1049l", "\x1b[?25h"]) {
      assertStringIncludes(terminal.screen.slice(from), undone, way);
    }
  }
  assertEquals((await only(workspace)).status, "running");
});

Deno.test("a second viewer sees what is drawn, without being told, and both can type", async () => {
  await using workspace = await serving();
  await using first = await Terminal.open(workspace, "persistproc run --pty sh drawing.sh");
  await first.waitFor("SIZE 24 80\r\n");
  await using second = await Terminal.open(workspace, "persistproc sh drawing.sh");
  await second.waitFor("\x1b[?1049h");
  await second.waitFor("SIZE 24 80\r\n");
  await first.type("one\r");
  await Promise.all([first, second].map((terminal) => terminal.waitFor("READ one\r\n")));
  await second.type("two\r");
  await Promise.all([first, second].map((terminal) => terminal.waitFor("READ two\r\n")));
});

Deno.test("the server may die: what is typed then starts another, and is read", async () => {
  await using workspace = await Workspace.create();
  await workspace.write("keys.sh", KEYS);
  await using terminal = await Terminal.open(workspace, "persistproc run --pty sh keys.sh");
  await terminal.waitFor("ready\r\n");
  await terminal.type("a");
  await terminal.waitFor("<61>");
  const before = await workspace.server();
  Deno.kill(before?.pid ?? 0, "SIGKILL");
  await terminal.waitFor("the server has ended");
  await terminal.type("b");
  await terminal.waitFor("<62>");
  assert((await workspace.server())?.pid !== before?.pid);
  await terminal.type("q");
  assertEquals(await terminal.end(), 4);
  assertEquals((await only(workspace)).exit_code, 4);
});

Deno.test("a restart by an agent gives whoever looks on the next terminal", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, "persistproc run --pty sh drawing.sh");
  await terminal.waitFor("SIZE 24 80\r\n");
  await terminal.resize(90);
  await terminal.waitFor("SIZE 24 90\r\n");
  const from = terminal.screen.length;
  await using agent = await workspace.agent();
  const { pid } = await only(workspace);
  const { structured } = await agent.call("ctrl", { action: "restart", pid });
  await terminal.waitFor(`(PID ${structured?.pid})`, from);
  await terminal.waitFor("SIZE 24 90\r\n", from);
  await terminal.type("again\r");
  await terminal.waitFor("READ again\r\n", from);
});

Deno.test("an agent starts with a terminal, types lines, and reads plain text", async () => {
  await using workspace = await serving();
  await using agent = await workspace.agent();
  const script =
    'printf "\\033[1mname?\\033[0m "; read -r a; test -t 0 && echo "hello $a on $TERM"';
  const { structured } = await agent.call("ctrl", {
    action: "start",
    command_or_label: `sh -c '${script}'`,
    working_directory: workspace.directory,
    label: "asks",
    pty: true,
    wait_for: { pattern: "name\\?" },
  });
  assertMatch(JSON.stringify(structured?.wait), /"outcome":"pattern"/);
  const typed = await agent.call("ctrl", { action: "input", label: "asks", text: "Ada" });
  assertEquals(typed.isError, false, typed.text);
  await until(async () => (await only(workspace)).status === "exited", { what: "its end" });
  const { text } = await agent.call("output", { command_or_label: "asks" });
  assertMatch(text, /^name\? Ada\nhello Ada on xterm-256color\n/);
  const refused = await agent.call("ctrl", { action: "restart", label: "asks", pty: true });
  assertEquals(refused.isError, true);
});

Deno.test("a terminal is its only input", async () => {
  await using workspace = await serving();
  const { code, stderr } = await workspace.run(["start", "--pty", "--stdin", "null", "cat"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "With a terminal, that is what it reads.");
});
