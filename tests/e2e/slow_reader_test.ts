/** Readers that stop reading: a terminal is spared what it cannot show, a pipe gets every byte. */
import { assert, assertMatch } from "@std/assert";
import { logText } from "../support/log_files.ts";
import { programCommand } from "../support/program.ts";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const LINES = 1_000_000;

/** Says something, then much at once, then its last words. */
const TALKER = `echo ready
while ! [ -e gate ]; do sleep 0.02; done
seq 1 ${LINES}
echo last words
exec sleep 1000
`;

const XOFF = "\x13";
const XON = "\x11";

const serving = () => Workspace.serving({ "talker.sh": TALKER });

/** Waits until the program has said everything, whoever reads it. */
async function said(workspace: Workspace): Promise<string> {
  const [{ log_stdout }] = await workspace.processes();
  const text = async () => {
    const now = await logText(log_stdout);
    return now.endsWith("last words\n") ? now : null;
  };
  return await until(text, { what: "the program's last words" });
}

for (const command of ["run", "output -f"]) {
  Deno.test(`${command}: a terminal that was stopped skips with a mark, and shows the last lines`, async () => {
    await using workspace = await serving();
    await workspace.run(["start", "sh", "talker.sh"]);
    const line = `exec persistproc ${command} sh talker.sh`;
    await using terminal = await Terminal.open(workspace, line);
    await terminal.waitFor("ready\r\n");
    await terminal.type(XOFF);
    await workspace.write("gate", "");
    await said(workspace);
    await terminal.type(XON);
    await terminal.waitFor("last words\r\n");
    const { screen } = terminal;
    assert(screen.length < 4 * 1024 * 1024);
    const mark = /\r\n… [\d.]+ [KM]iB skipped: the terminal did not keep up …\r\n/g;
    const last = [...screen.matchAll(mark)].at(-1);
    assert(last !== undefined, screen.slice(0, 1_000));
    // From the beginning of a line on, nothing is left out any more.
    const rest = screen.slice(last.index + last[0].length);
    const first = parseInt(rest);
    const numbers = Array.from({ length: LINES - first + 1 }, (_, n) => first + n);
    assert(rest === `${numbers.join("\r\n")}\r\nlast words\r\n`, rest.slice(0, 1_000));
    await terminal.hangUp();
  });
}

Deno.test("what is held back at the question is bounded, too", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, "exec persistproc sh talker.sh");
  await terminal.waitFor("ready\r\n");
  await terminal.type("\x03");
  await terminal.waitFor("Enter stay? ");
  await workspace.write("gate", "");
  await said(workspace);
  await terminal.type("\r");
  await terminal.waitFor("last words\r\n");
  assertMatch(terminal.screen, /… \S+ MiB skipped: .*…\r\n/);
  assert(terminal.screen.length < 4 * 1024 * 1024);
});

Deno.test("a pipe whose reader is slow loses nothing, and holds up nobody but its viewer", async () => {
  await using workspace = await serving();
  const script = `"$@" | { read -r first; while ! [ -e read ]; do sleep 0.02; done; cat; }`;
  // Ended by the workspace, with all that holds its output.
  const viewer = workspace.spawnCommand([
    ...["sh", "-c", script, "sh", ...programCommand, "sh", "talker.sh"],
  ]);
  const started = async () => (await workspace.processes()).length > 0;
  await until(started, { what: "the program" });
  await workspace.write("gate", "");
  const text = await said(workspace);
  await workspace.write("read", "");
  await viewer.waitFor("last words\n");
  assert(`ready\n${viewer.stdout}` === text, `${viewer.stdout.length} of ${text.length} bytes`);
  await workspace.run(["stop", "sh", "talker.sh"]);
  await viewer.end();
});

Deno.test("Ctrl+C is answered while the reader of a pipe reads nothing", async () => {
  await using workspace = await serving();
  await workspace.write("gate", "");
  const reader = "{ trap : INT; read -r first; while ! [ -e read ]; do sleep 0.02; done; }";
  const line = `trap : INT; persistproc sh talker.sh | ${reader}; echo ended`;
  await using terminal = await Terminal.open(workspace, line);
  const started = async () => (await workspace.processes()).length > 0;
  await until(started, { what: "the program" });
  await said(workspace);
  await terminal.type("\x03");
  await terminal.waitFor("Enter stay? ");
  await terminal.type("d");
  await terminal.waitFor("detached; ");
  await workspace.write("read", "");
  await terminal.waitFor("ended\r\n");
});

Deno.test("Ctrl+C leaves a pipe that takes nothing any more, also not what is said of it", async () => {
  await using workspace = await serving();
  await workspace.write("gate", "");
  const viewer = "trap : INT; persistproc sh talker.sh 2>&1; echo $? >left";
  const reader = "trap : INT; read -r first; while ! [ -e read ]; do sleep 0.02; done";
  await using terminal = await Terminal.open(workspace, `{ ${viewer}; } | { ${reader}; }; exit`);
  const started = async () => (await workspace.processes()).length > 0;
  await until(started, { what: "the program" });
  await said(workspace);
  // There is nowhere to ask, so it leaves.
  await terminal.type("\x03");
  const left = () => Deno.readTextFile(workspace.path("left")).catch(() => "");
  await until(async () => await left() === "0\n", { what: "the end of the viewer" });
  await workspace.write("read", "");
});
