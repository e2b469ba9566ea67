/** Input redirected to `run` that no program gets: told to whoever sits there, to nobody else. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Terminal } from "../support/terminal.ts";
import { Workspace } from "../support/workspace.ts";

const NOTE = "does not read this input";

Deno.test("input that the program does not get is told to whoever sits at the terminal", async (t) => {
  await using workspace = await Workspace.serving({ "input.txt": "hi\n" });
  await using terminal = await Terminal.shell(workspace);

  for (const line of ["echo hi | persistproc echo out", "persistproc echo out < input.txt"]) {
    await t.step(line, async () => {
      const shown = await terminal.command(line);
      assertStringIncludes(shown, `echo out ${NOTE}; --stdin - gives it`);
    });
  }

  await t.step("of what runs already, with the command that gives it", async () => {
    await workspace.run(["start", "--label", "deaf", "sleep", "1000"]);
    const from = terminal.screen.length;
    await terminal.type("echo hi | persistproc run --label deaf --on-exit detach sleep 1000\r");
    const { pid } = (await workspace.processes()).find(({ label }) => label === "deaf");
    await terminal.waitFor(`deaf ${NOTE}; persistproc input ${pid} gives it`, from);
    await terminal.type("\x03");
    await terminal.waitFor("detached; ", from);
    await terminal.command("");
  });

  const silent = [
    "persistproc echo out < /dev/null",
    "persistproc run --stdin - cat < input.txt",
    "echo hi | persistproc -q echo out",
    "echo hi | MAKELEVEL=1 persistproc echo out",
    "echo hi | persistproc echo out 2> errors; cat errors",
  ];
  for (const line of silent) {
    await t.step(`silent: ${line}`, async () => {
      const shown = await terminal.command(line);
      assertEquals(shown.includes(NOTE), false, shown);
      assertStringIncludes(shown, "<done 0>");
    });
  }
});
