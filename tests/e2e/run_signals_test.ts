/** Ctrl+C and other signals at `run`: what becomes of the viewer, and of the program. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertInOrder, COUNTER } from "../support/counter.ts";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const QUESTION = "Enter stay? ";

const serving = () => Workspace.serving({ "counter.sh": COUNTER });

Deno.test("K118 SIGINT with --on-exit detach leaves the process running", async () => {
  await using workspace = await serving();
  await using viewer = workspace.spawn(["run", "--on-exit", "detach", "sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  assertEquals((await viewer.end()).code, 0);
  assertEquals((await workspace.processes())[0].status, "running");
});

Deno.test("K119 without a terminal nobody is asked: it detaches", async () => {
  await using workspace = await serving();
  await using viewer = workspace.spawn(["sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  const { code, stderr } = await viewer.end();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "detached");
});

Deno.test("K117 F129 SIGINT with --on-exit stop shows the program's last words", async () => {
  await using workspace = await serving();
  await using viewer = workspace.spawn(["run", "--on-exit", "stop", "sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  const { code, stdout } = await viewer.end();
  assertEquals(code, 7);
  assert(stdout.endsWith("stopping\nbye\n"), stdout);
  assertEquals((await workspace.processes())[0].status, "exited");
});

Deno.test("a second SIGINT while it stops kills it", async () => {
  await using workspace = await Workspace.serving();
  await workspace.write(
    "stubborn.sh",
    "trap 'echo no' TERM\necho up\nwhile :; do sleep 0.05; done\n",
  );
  await using viewer = workspace.spawn(["run", "--on-exit", "stop", "sh", "stubborn.sh"]);
  await viewer.waitFor("up\n");
  viewer.kill("SIGINT");
  await viewer.waitFor("no\n");
  viewer.kill("SIGINT");
  assertEquals((await viewer.end()).code, 137);
});

for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal} ends only the viewer, with ${status}`, async () => {
    await using workspace = await serving();
    await using viewer = workspace.spawn(["sh", "counter.sh"]);
    await viewer.waitFor("line 2\n");
    viewer.kill(signal);
    assertEquals((await viewer.end()).code, status);
    assertEquals((await workspace.processes())[0].status, "running");
  });
}

Deno.test("K119 on a terminal one key answers, and output is held meanwhile", async (t) => {
  await using workspace = await serving();
  const attach = async () => {
    const terminal = await Terminal.open(
      workspace,
      // Otherwise the key drops what the terminal has not shown yet (termios(3)).
      "stty noflsh; exec persistproc sh counter.sh",
    );
    await terminal.waitFor(/line \d+\r\n/);
    await terminal.type("\x03");
    await terminal.waitFor(QUESTION);
    return terminal;
  };

  await t.step("Enter stays", async () => {
    await using terminal = await attach();
    const moreLines = async () => {
      const [{ log_stdout }] = await workspace.processes();
      const size = async () => (await Deno.stat(log_stdout)).size;
      const before = await size();
      await until(async () => await size() > before + 20, { what: "more lines in the log" });
    };
    await moreLines();
    const asked = terminal.screen.length;
    await moreLines();
    assertEquals(terminal.screen.length, asked);
    await terminal.type("\r");
    await terminal.waitFor(/line \d+\r\nline \d+\r\n/, asked);
    assertInOrder(terminal.screen);
    await terminal.type("\x03");
    await terminal.waitFor(QUESTION, asked);
    await terminal.type("d");
    assertEquals(await terminal.end(), 0);
  });

  await t.step("a second Ctrl+C detaches", async () => {
    await using terminal = await attach();
    await terminal.type("\x03");
    assertEquals(await terminal.end(), 0);
    assertStringIncludes(terminal.screen, "detached");
    assertEquals((await workspace.processes())[0].status, "running");
  });

  await t.step("s stops, and what the program prints meanwhile is shown", async () => {
    await using terminal = await attach();
    await terminal.type("s");
    assertEquals(await terminal.end(), 7);
    // The shell may say what became of its `sleep`.
    assertMatch(terminal.screen, /stopping\r\n(Terminated\r\n)?bye\r\n/);
  });
});

Deno.test("the question is withdrawn when the program ends by itself", async () => {
  const script = "echo up; while ! [ -e gate ]; do sleep 0.02; done; echo done; exit 6";
  await using workspace = await Workspace.serving({ "gated.sh": script });
  await using terminal = await Terminal.open(workspace, "exec persistproc sh gated.sh");
  await terminal.waitFor("up\r\n");
  await terminal.type("\x03");
  await terminal.waitFor(QUESTION);
  await workspace.write("gate", "");
  assertEquals(await terminal.end(), 6);
  assertStringIncludes(terminal.screen, "done\r\n");
});
