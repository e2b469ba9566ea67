/** Ctrl+C at the wrong moment: before there is a view, faster than it asks, and after it has ended. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { quoteForSh } from "../../lib/system/script.ts";
import { COUNTER } from "../support/counter.ts";
import { logSize } from "../support/log_files.ts";
import { outputOf } from "../support/output_of.ts";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const QUESTION = "Enter stay? ";

const serving = () => Workspace.serving({ "counter.sh": COUNTER });

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

async function untilExists(path: string): Promise<void> {
  await until(() => exists(path), { what: path });
}

/** Puts a program in front of one of the system, for those on a terminal. */
async function putBefore(workspace: Workspace, name: string, script: string): Promise<void> {
  const original = (await outputOf("sh", "-c", `command -v ${name}`)).trim();
  const text = `#!/bin/sh\noriginal=${quoteForSh([original])}\n${script}`;
  await workspace.write(`bin/${name}`, text, { mode: 0o755 });
}

Deno.test("Ctrl+C pressed again before it could ask detaches, and says so once", async () => {
  await using workspace = await serving();
  const [looking, go] = [workspace.path("looking"), workspace.path("go")];
  await using terminal = await Terminal.open(workspace, "exec persistproc sh counter.sh");
  await terminal.waitFor(/line \d+\r\n/);
  // As slow as on a busy machine; like every program, it ends at Ctrl+C.
  await putBefore(
    workspace,
    "ps",
    `: > ${looking}\nuntil [ -e ${go} ]; do sleep 0.02; done\nexec "$original" "$@"\n`,
  );
  await terminal.type("\x03");
  await untilExists(looking);
  await terminal.type("\x03");
  assertEquals(await terminal.end(), 0);
  assertEquals(terminal.screen.split("detached; ").length - 1, 1, terminal.screen);
  assertEquals((await workspace.processes())[0].status, "running");
});

/** Makes the one that reads the keys, and for which a view waits at its end, end when told to. */
async function slowEnd(
  workspace: Workspace,
): Promise<{ reads(): Promise<void>; begun(): Promise<void>; go(): Promise<void> }> {
  const reading = workspace.path("reading");
  const [ending, go] = [workspace.path("ending"), workspace.path("go")];
  await putBefore(
    workspace,
    "sh",
    `trap '' INT\n: > ${reading}\n"$original" "$@"\n: > ${ending}\nuntil [ -e ${go} ]; do sleep 0.02; done\n`,
  );
  return {
    reads: () => untilExists(reading),
    begun: () => untilExists(ending),
    go: () => Deno.writeTextFile(go, ""),
  };
}

Deno.test("a Ctrl+C too many does not change how a view ends that was left", async () => {
  await using workspace = await Workspace.serving();
  const end = await slowEnd(workspace);
  const line = "exec persistproc run --on-exit detach sleep 1000";
  await using terminal = await Terminal.open(workspace, line);
  await end.reads();
  await terminal.type("\x03");
  await terminal.waitFor("detached; ");
  await end.begun();
  await terminal.type("\x03");
  await terminal.waitFor(/\^C[^]*\^C/);
  await end.go();
  assertEquals(await terminal.end(), 0);
});

Deno.test("once it is said how a program ended, what is typed is the shell's", async () => {
  await using workspace = await Workspace.serving();
  const end = await slowEnd(workspace);
  const gate = workspace.path("gate");
  const program = `#!/bin/sh\nuntil [ -e ${gate} ]; do sleep 0.02; done; exit 3\n`;
  await workspace.write("program", program, { mode: 0o755 });
  await using terminal = await Terminal.open(workspace, "exec persistproc ./program");
  await end.reads();
  await Deno.writeTextFile(gate, "");
  await end.begun();
  assertEquals(terminal.screen.includes("exited"), false, terminal.screen);
  await end.go();
  await terminal.waitFor("exited with code 3");
  assertEquals(await terminal.end(), 3);
});

/** Ends at SIGTERM, but not before it may. */
const HOLDING = `trap ': > stopping; until [ -e gate ]; do sleep 0.02; done; exit 0' TERM
echo up
while :; do sleep 0.02; done
`;

Deno.test("Ctrl+C while a program is being started leaves or stops it, as in its view", async (t) => {
  for (const [onExit, said] of [["detach", "detached; "], ["stop", "stopping "]] as const) {
    await t.step(onExit, async () => {
      await using workspace = await Workspace.serving({ "holding.sh": HOLDING });
      await workspace.run(["start", "--wait-pattern", "up", "sh", "holding.sh"]);
      const run = ["run", "--fresh", "--on-exit", onExit, "sh", "holding.sh"];
      await using viewer = workspace.spawn(run);
      await untilExists(workspace.path("stopping"));
      viewer.kill("SIGINT");
      await workspace.write("gate", "");
      const { code, stderr } = await viewer.end();
      // Told to end before it has set its trap, the new run ends of that.
      assert(code === 0 || (onExit === "stop" && code === 128 + 15), `${code}: ${stderr}`);
      assertStringIncludes(stderr, said);
      const [{ status }] = await workspace.processes();
      assertEquals(status, onExit === "detach" ? "running" : "exited");
    });
  }
});

Deno.test("Ctrl+C again leaves a start that takes long, and says how to see what became of it", async () => {
  await using workspace = await Workspace.serving({ "holding.sh": HOLDING });
  await workspace.run(["start", "--wait-pattern", "up", "sh", "holding.sh"]);
  await using viewer = workspace.spawn(["run", "--fresh", "sh", "holding.sh"]);
  await untilExists(workspace.path("stopping"));
  viewer.kill("SIGINT");
  await until(
    () => viewer.stderr.includes("waiting for the server's answer; Ctrl+C again leaves"),
    {
      what: () => `what is waited for: ${viewer.stderr}`,
    },
  );
  viewer.kill("SIGINT");
  const { code, stderr } = await viewer.end();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "persistproc list");
  await workspace.write("gate", "");
});

Deno.test("nothing comes after it was said that a program was left", async (t) => {
  const nothingAfter = async (workspace: Workspace, terminal: Terminal) => {
    assertEquals(await terminal.end(), 0);
    await workspace.run(["stop", "yes"]);
    const after = terminal.screen.slice(terminal.screen.lastIndexOf("detached; "));
    assertEquals(after.includes("y\r\n"), false, after.slice(0, 1_000));
  };

  await t.step("by d at the question", async () => {
    await using workspace = await Workspace.serving();
    await using terminal = await Terminal.open(workspace, "exec persistproc yes");
    await terminal.waitFor("y\r\ny\r\n");
    await terminal.type("\x03");
    await terminal.waitFor(QUESTION);
    await terminal.type("d");
    await nothingAfter(workspace, terminal);
  });

  for (const [options, key] of [["", "\x03"], ["--pty", "\x1c"]] as const) {
    await t.step(`by a key${options && ` with ${options}`}`, async () => {
      await using workspace = await Workspace.serving();
      const end = await slowEnd(workspace);
      const line = `exec persistproc run --on-exit detach ${options} yes`;
      await using terminal = await Terminal.open(workspace, line);
      await terminal.waitFor("y\r\ny\r\n");
      await end.reads();
      await terminal.type(key);
      await end.begun();
      await terminal.waitFor("detached; ");
      const [{ log_stdout }] = await workspace.processes();
      const before = await logSize(log_stdout);
      await until(async () => await logSize(log_stdout) > before, { what: "more output" });
      await end.go();
      await nothingAfter(workspace, terminal);
    });
  }
});
