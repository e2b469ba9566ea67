/** What is typed at an attached `run`: it reaches the program, and nobody else loses a key to it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { processState, Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Greets whoever says a name. */
const GREETER = `echo ready
while read -r name; do echo "hello $name"; done
`;

const serving = () => Workspace.serving({ "greeter.sh": GREETER });

/** What the only process has written. */
async function written(workspace: Workspace): Promise<string> {
  const [{ log_stdout }] = await workspace.processes();
  return await Deno.readTextFile(log_stdout);
}

Deno.test("lines typed reach the program, of every terminal that shows it", async () => {
  await using workspace = await serving();
  await using one = await Terminal.open(workspace, "persistproc sh greeter.sh");
  await one.waitFor("ready\r\n");
  await one.type("Ada\r");
  await one.waitFor("hello Ada\r\n");
  await using two = await Terminal.open(workspace, "persistproc sh greeter.sh");
  await two.waitFor("hello Ada\r\n");
  await two.type("Grace\rKatherine\r");
  await one.waitFor("hello Grace\r\nhello Katherine\r\n");
  await one.type("Mary\r");
  await two.waitFor("hello Mary\r\n");
  assertEquals(
    await written(workspace),
    "ready\nhello Ada\nhello Grace\nhello Katherine\nhello Mary\n",
  );
});

Deno.test("a line typed after a restart reaches the new run, also by a new server", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve(["-q"]);
  await workspace.write("greeter.sh", GREETER);
  await using terminal = await Terminal.open(workspace, "persistproc sh greeter.sh");
  await terminal.waitFor("ready\r\n");
  await workspace.run(["restart", "sh", "greeter.sh"]);
  await terminal.waitFor(/restarted by .*\r\n(.*\r\n)*.*ready\r\n/);
  await terminal.type("Ada\r");
  await terminal.waitFor("hello Ada\r\n");
  server.kill("SIGKILL");
  await server.end();
  await terminal.waitFor("the server has ended");
  await terminal.type("Grace\r");
  await terminal.waitFor("hello Grace\r\n");
});

Deno.test("Ctrl+D ends neither the program nor its input, and says so", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, "persistproc sh greeter.sh");
  await terminal.waitFor("ready\r\n");
  await terminal.type("\x04");
  await terminal.waitFor("its input never ends");
  await terminal.type("Ada\r");
  await terminal.waitFor("hello Ada\r\n");
});

Deno.test("a viewer in the background is not stopped and takes no line; fg gives it those that follow", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  await terminal.command("persistproc sh greeter.sh &");
  await terminal.waitFor("ready\r\n");
  const pid = await terminal.pid("greeter.sh");
  for (let n = 0; n < 5; n++) {
    assertStringIncludes(await terminal.command(`echo for the shell ${n}`), "<done 0>");
  }
  assertStringIncludes(await terminal.command("jobs"), "Running");
  await terminal.foreground();
  await terminal.type("Ada\r");
  await terminal.waitFor("hello Ada\r\n");
  await terminal.type("\x1a");
  // Whoever types before the shell has the terminal back, types for the program.
  await terminal.waitFor("Stopped");
  assertEquals(await processState(pid), "T");
  // The shell waits for its own child only. The reader has got the same signal, but takes the line
  // that comes before it is scheduled: n_tty_read() looks for input first, then for signals.
  await terminal.stopped("cat");
  assertStringIncludes(await terminal.command("echo for the shell again"), "<done 0>");
  await terminal.type("bg\r");
  await until(async () => await processState(pid) !== "T", { what: `${pid} running` });
  assertStringIncludes(await terminal.command("echo and again"), "<done 0>");
  await terminal.foreground();
  await terminal.type("Grace\r");
  await terminal.waitFor("hello Grace\r\n");
  assertEquals(await written(workspace), "ready\nhello Ada\nhello Grace\n");
});

Deno.test("whatever ends a viewer, the next line typed is the shell's", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  for (const signal of ["SIGTERM", "SIGKILL", "SIGHUP"] as const) {
    const from = terminal.screen.length;
    await terminal.type("persistproc sh greeter.sh\r");
    await terminal.waitFor("ready\r\n", from);
    const typed = terminal.screen.length;
    await terminal.type(`${signal}\r`);
    await terminal.waitFor(`hello ${signal}\r\n`, typed);
    const pid = await terminal.pid("greeter.sh");
    Deno.kill(pid, signal);
    await until(async () => await processState(pid) === null, { what: `the end of ${pid}` });
    // It could not wait for its reader any more, which ends a moment later.
    await terminal.noneOf("cat");
    assertStringIncludes(await terminal.command("echo for the shell"), "<done 0>");
  }
  assertEquals(await written(workspace), "ready\nhello SIGTERM\nhello SIGKILL\nhello SIGHUP\n");
});

Deno.test("keys are left alone when the output goes into a pager", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  await terminal.type("persistproc sh greeter.sh | { read -r line; echo got $line; cat; }\r");
  await terminal.waitFor("got ready\r\n");
  await terminal.type("for whoever reads it\r");
  await workspace.run(["input", "--text", "Ada", "sh", "greeter.sh"]);
  await terminal.waitFor("hello Ada\r\n");
  assertEquals(await written(workspace), "ready\nhello Ada\n");
  await workspace.run(["stop", "sh", "greeter.sh"]);
});

Deno.test("what cannot be typed to the program is not lost silently", async () => {
  await using workspace = await serving();
  await workspace.run(["start", "--stdin", "null", "--label", "deaf", "sleep", "1000"]);
  await using terminal = await Terminal.open(workspace, "persistproc run --label deaf sleep 1000");
  await terminal.waitFor("runs already");
  await terminal.type("Ada\r");
  await terminal.waitFor(/what was typed is lost: .*\/dev\/null/);
});
