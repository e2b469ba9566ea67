/** Leaving what is shown: the terminal is given back, and nothing more comes on it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { outputOf } from "../support/output_of.ts";
import { Terminal } from "../support/terminal.ts";
import { Workspace } from "../support/workspace.ts";

const FIRST_SCREEN = "\x1b[?1049l";

/** Draws on the other screen, over and over. */
const FRAMES = `printf '\\033[?1049h\\033[?25l'
while :; do printf '\\033[HFRAME'; done
`;

Deno.test("who leaves a program that goes on drawing sees no more of that", async () => {
  await using workspace = await Workspace.serving({ "frames.sh": FRAMES });
  await using terminal = await Terminal.shell(workspace);
  await terminal.type("persistproc run --pty sh frames.sh\r");
  await terminal.waitFor("FRAME");
  await terminal.type("\x1c");
  await terminal.waitFor("Enter stay? ");
  const from = terminal.screen.length;
  await terminal.type("d");
  await terminal.waitFor("detached; ", from);
  await terminal.command("");
  const shown = terminal.screen.slice(from);
  const after = shown.slice(shown.lastIndexOf(FIRST_SCREEN));
  assertStringIncludes(after, "detached; ");
  assertEquals(after.includes("FRAME"), false, after.slice(0, 1_000));
});

Deno.test("list --watch gives the terminal back, whatever signal ends it", async () => {
  await using workspace = await Workspace.serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  const ways = [["SIGTERM", 143], ["SIGHUP", 129], ["Ctrl+\\", 131]] as const;
  for (const [way, status] of ways) {
    const from = terminal.screen.length;
    await terminal.type('persistproc list --watch; echo "<done $?>"\r');
    await terminal.waitFor("No processes running", from);
    if (way === "Ctrl+\\") await terminal.type("\x1c");
    else Deno.kill(await terminal.pid("--watch"), way);
    await terminal.waitFor(`<done ${status}>\r\n`, from);
    assertStringIncludes(terminal.screen.slice(from), FIRST_SCREEN, way);
    assertEquals(await terminal.modes(), modes, way);
  }
});

Deno.test("without ps, run hands on output and status, and Ctrl+C detaches without asking", async () => {
  await using workspace = await Workspace.serving();
  const few = workspace.path("few");
  await Deno.mkdir(few);
  for (const name of ["cat", "dd", "sh", "sleep"]) {
    const found = await outputOf("sh", "-c", `command -v ${name}`);
    await Deno.symlink(found.trim(), join(few, name));
  }
  const command = ["run", "sh", "-c", "echo out; echo err >&2; exit 3"];
  const { code, stdout, stderr } = await workspace.run(command, { env: { PATH: few } });
  assertEquals([code, stdout, stderr], [3, "out\n", "err\n"]);

  await using terminal = await Terminal.shell(workspace);
  const from = terminal.screen.length;
  const line = `PATH='${workspace.path("bin")}:${few}' persistproc 'echo up; exec sleep 1000'`;
  await terminal.type(`${line}; echo "<done $?>"\r`);
  await terminal.waitFor("up\r\n");
  await terminal.type("\x03");
  await terminal.waitFor("detached; ");
  await terminal.waitFor("<done 0>\r\n", from);
});
