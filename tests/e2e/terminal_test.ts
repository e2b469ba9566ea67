/** `run` on a real terminal, under a shell with job control: nothing hangs, the modes come back. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertInOrder, COUNTER } from "../support/counter.ts";
import { processState, Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const QUESTION = "s stop, d detach, Enter stay? ";

const serving = () => Workspace.serving({ "counter.sh": COUNTER });

async function status(workspace: Workspace): Promise<string> {
  return (await workspace.processes())[0].status;
}

function state(pid: number, wanted: string | null): Promise<boolean> {
  return until(async () => await processState(pid) === wanted, { what: `${pid} in ${wanted}` });
}

Deno.test("in the background (&) it shows the output, and fg gives it the terminal", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const modes = await terminal.modes();
  await terminal.command("persistproc sh counter.sh &");
  await terminal.waitFor("line 3\r\n");
  assertStringIncludes(await terminal.command("jobs"), "Running");
  const pid = await terminal.pid("counter.sh");
  await terminal.foreground();
  await terminal.waitFor("line 20\r\n");
  await terminal.type("\x03");
  await terminal.waitFor(QUESTION);
  await terminal.type("d");
  await state(pid, null);
  assertStringIncludes(await terminal.command("stty -a"), " echo ");
  assertEquals(await terminal.modes(), modes);
  assertInOrder(terminal.screen);
  assertEquals(await status(workspace), "running");
});

Deno.test("SIGINT to a viewer in the background asks nobody: it detaches", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  await terminal.command("persistproc sh counter.sh &");
  await terminal.waitFor("line 3\r\n");
  const pid = await terminal.pid("counter.sh");
  Deno.kill(pid, "SIGINT");
  await terminal.waitFor("detached; ");
  await state(pid, null);
  assertEquals(terminal.screen.includes(QUESTION), false);
  assertEquals(await status(workspace), "running");
});

Deno.test("Ctrl+Z stops the viewer, not the program; fg and bg go on where it was", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  // Otherwise the key drops what the terminal has not shown yet (termios(3)).
  await terminal.command("stty noflsh");
  await terminal.type("persistproc sh counter.sh\r");
  await terminal.waitFor("line 2\r\n");
  const pid = await terminal.pid("counter.sh");
  const [{ log_stdout }] = await workspace.processes();
  for (const way of ["fg", "bg"]) {
    await terminal.type("\x1a");
    await state(pid, "T");
    const shown = assertInOrder(terminal.screen).at(-1) ?? 0;
    await until(
      async () => (await Deno.readTextFile(log_stdout)).includes(`line ${shown + 10}\n`),
      {
        what: "lines that nobody sees",
      },
    );
    assert((assertInOrder(terminal.screen).at(-1) ?? 0) < shown + 10);
    await terminal.type(`${way}\r`);
    await terminal.waitFor(`line ${shown + 12}\r\n`);
    assertInOrder(terminal.screen);
  }
  // It goes on in the background, although it has a terminal that it could read.
  assertMatch(await processState(pid) ?? "", /[RSD]/);
  assertStringIncludes(await terminal.command("jobs"), "Running");
  Deno.kill(pid, "SIGTERM");
  await state(pid, null);
});

Deno.test("Ctrl+Z at the question stops the viewer; it asks again in the foreground", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  // Otherwise the keys drop what the terminal has not shown yet (termios(3)).
  await terminal.command("stty noflsh");
  await terminal.type("persistproc sh counter.sh\r");
  await terminal.waitFor("line 2\r\n");
  const pid = await terminal.pid("counter.sh");
  await terminal.type("\x03");
  await terminal.waitFor(QUESTION);
  await terminal.type("\x1a");
  await terminal.waitFor("Stopped");
  assertEquals(await processState(pid), "T");
  const asked = terminal.screen.length;
  await terminal.type("fg\r");
  await terminal.waitFor(QUESTION, asked);
  // This time while it waits for a key.
  const waiting = terminal.screen.length;
  Deno.kill(pid, "SIGTSTP");
  await terminal.waitFor("Stopped", waiting);
  assertEquals(await processState(pid), "T");
  // What reads the keys has been killed, but may still take one.
  await terminal.noneOf("dd");
  // In the background nobody can answer: it goes on, and reads no terminal (SIGTTIN).
  const again = terminal.screen.length;
  await terminal.type("bg\r");
  await terminal.waitFor(/line \d+\r\n(.*\r\n)*line \d+\r\n/, again);
  assertStringIncludes(await terminal.command("jobs"), "Running");
  // And what is typed next is the shell's.
  assertStringIncludes(await terminal.command("echo to the shell"), "to the shell\r\n");
  await terminal.foreground();
  const last = terminal.screen.length;
  await terminal.type("\x03");
  await terminal.waitFor(QUESTION, last);
  const answered = terminal.screen.length;
  await terminal.type("\r");
  await terminal.waitFor(/line \d+\r\n/, answered);
  await terminal.type("\x1a");
  // Only then the shell has the terminal back: the next key would go to the viewer, or get lost.
  await terminal.waitFor("Stopped", answered);
  assertEquals(await processState(pid), "T");
  await terminal.stopped("cat");
  await terminal.foreground();
  const stop = terminal.screen.length;
  await terminal.type("\x03");
  await terminal.waitFor(QUESTION, stop);
  await terminal.type("s");
  // The shell may say what became of its `sleep`.
  await terminal.waitFor(/stopping\r\n(Terminated\r\n)?bye\r\n/);
  await state(pid, null);
  assertInOrder(terminal.screen);
});

Deno.test("the terminal has its modes again, whatever ends or stops the viewer", async (t) => {
  await using workspace = await serving();
  // A shell without job control leaves the modes to the programs; Ctrl+C reaches it as well.
  const open = async () => {
    const line = "trap : INT; persistproc sh counter.sh; echo ended $?; read answer";
    const terminal = await Terminal.open(workspace, line);
    await terminal.waitFor(/line \d+\r\n/);
    const modes = await terminal.modes();
    await terminal.type("\x03");
    await terminal.waitFor(QUESTION);
    assert(await terminal.modes() !== modes, "the question is answered by one key");
    return { terminal, modes, pid: await terminal.pid("counter.sh") };
  };
  const endings = [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGQUIT", 131],
    ["SIGINT", 0],
  ] as const;
  for (const [signal, code] of endings) {
    await t.step(signal, async () => {
      const { terminal, modes, pid } = await open();
      await using _ = terminal;
      Deno.kill(pid, signal);
      await terminal.waitFor(`ended ${code}\r\n`);
      assertEquals(await terminal.modes(), modes);
    });
  }
  for (const [name, key] of [["d", "d"], ["Ctrl+C", "\x03"], ["Ctrl+D", "\x04"]] as const) {
    await t.step(name, async () => {
      const { terminal, modes } = await open();
      await using _ = terminal;
      await terminal.type(key);
      await terminal.waitFor("ended 0\r\n");
      assertEquals(await terminal.modes(), modes);
    });
  }
  await t.step("SIGTSTP and SIGCONT", async () => {
    const { terminal, modes, pid } = await open();
    await using _ = terminal;
    Deno.kill(pid, "SIGTSTP");
    await state(pid, "T");
    assertEquals(await terminal.modes(), modes);
    const asked = terminal.screen.length;
    Deno.kill(pid, "SIGCONT");
    await terminal.waitFor(QUESTION, asked);
    await terminal.type("\r");
    await until(async () => await terminal.modes() === modes, { what: "the old modes" });
    // After the question its signals act by themselves again.
    Deno.kill(pid, "SIGTSTP");
    await state(pid, "T");
    Deno.kill(pid, "SIGCONT");
    Deno.kill(pid, "SIGTERM");
    await terminal.waitFor("ended 143\r\n");
  });
  assertEquals(await status(workspace), "running");
});

Deno.test("a window that closes takes the viewer with it, also at the question; not with nohup", async () => {
  await using workspace = await serving();
  for (const question of [false, true]) {
    await using terminal = await Terminal.shell(workspace);
    await terminal.type("persistproc sh counter.sh\r");
    await terminal.waitFor(/line \d+\r\n/);
    const pid = await terminal.pid("counter.sh");
    if (question) {
      await terminal.type("\x03");
      await terminal.waitFor(QUESTION);
    }
    await terminal.hangUp();
    await state(pid, null);
  }
  await using terminal = await Terminal.shell(workspace);
  await terminal.command("nohup persistproc sh counter.sh &");
  const shown = () => Deno.readTextFile(workspace.path("nohup.out")).catch(() => "");
  await until(async () => (await shown()).includes("line "), { what: "output in nohup.out" });
  const pid = await terminal.pid("counter.sh");
  await terminal.hangUp();
  const size = (await shown()).length;
  await until(async () => (await shown()).length > size + 20, { what: "more output" });
  Deno.kill(pid, "SIGTERM");
  await state(pid, null);
  assertEquals(await status(workspace), "running");
});

Deno.test("input from the terminal waits for the foreground (SIGTTIN), as for any program", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  await terminal.command("persistproc run --stdin - sort &");
  await state(await terminal.pid("sort"), "T");
  assertStringIncludes(await terminal.command("jobs"), "Stopped");
  await terminal.type("fg\r");
  await terminal.type("b\ra\r\x04");
  await terminal.waitFor("a\r\nb\r\n");
});

Deno.test("standard output may be a file, a full disk, or closed", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.shell(workspace);
  const program = `sh -c 'echo one; sleep 0.1; echo two; exit 4'`;
  assertStringIncludes(
    await terminal.command(`persistproc ${program} >file 2>&1 </dev/null`),
    "done 4",
  );
  assertEquals(await Deno.readTextFile(workspace.path("file")), "one\ntwo\n");
  assertStringIncludes(await terminal.command(`persistproc ${program} >&- <&-`), "done 4");
  if (Deno.build.os !== "linux") return;
  const full = await terminal.command(`persistproc ${program} >/dev/full`);
  assertMatch(full, /Error: .*No space left/);
  assertStringIncludes(full, "done 1");
});
