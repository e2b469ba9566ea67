/** Completion in the real shells: what the program gets after Tab and Enter. */
import { assert, assertEquals } from "@std/assert";
import { CompletingShell, SHELLS } from "../support/completing.ts";
import { isInstalled } from "../support/installed.ts";
import { Workspace } from "../support/workspace.ts";

const LABEL = 'web: it\'s 100% "fine" & $HOME';

for (const shell of Object.keys(SHELLS)) {
  const ignore = !await isInstalled(shell);
  const test = (name: string, fn: (opened: CompletingShell, w: Workspace) => Promise<void>) =>
    Deno.test({
      name: `${shell}: ${name}${ignore ? ` (there is no ${shell} here)` : ""}`,
      ignore,
      async fn() {
        await using workspace = await Workspace.create();
        await using opened = await CompletingShell.open(workspace, shell);
        await fn(opened, workspace);
      },
    });

  test("commands, options and their values are completed", async (opened) => {
    await opened.complete("persistproc outp", ["output"]);
    await opened.complete("persistproc output --timest", ["output", "--timestamps"]);
    await opened.complete("persistproc output --stream comb", ["output", "--stream", "combined"]);
    await opened.complete("persistproc output --stream=comb", ["output", "--stream=combined"]);
    await opened.complete("persistproc --port 1 shutd", ["--port", "1", "shutdown"]);
    await opened.complete("persistproc ctrl rest", ["ctrl", "restart"]);
    await opened.complete("persistproc agents --install goo", ["agents", "--install", "goose"]);
    await opened.complete("persistproc completions fi", ["completions", "fish"]);
  });

  test("labels and PIDs are completed, whatever is in them", async (opened, workspace) => {
    await workspace.serve();
    const start = (label: string) =>
      workspace.runJson(["start", "--label", label, "sleep", "1000"]);
    const { pid } = await start(LABEL);
    // As long as there is one: the PIDs of two may begin alike.
    await opened.complete(`persistproc stop ${String(pid).slice(0, -1)}`, ["stop", String(pid)]);
    await start("plain");
    await opened.complete("persistproc stop pl", ["stop", "plain"]);
    await opened.complete("persistproc stop w", ["stop", LABEL]);
    await opened.complete("persistproc stop web:", ["stop", LABEL]);
    await opened.complete("persistproc stop 'web: i", ["stop", LABEL]);
    await opened.complete("persistproc stop --label w", ["stop", "--label", LABEL]);
    await opened.complete("persistproc restart sleep 1", ["restart", "sleep", "1000"]);
    const data = workspace.dataDirectory;
    await opened.complete(`persistproc --data-dir '${data}' stop pl`, [
      ...["--data-dir", data, "stop", "plain"],
    ]);
  });

  test("a wrapped program is completed as without persistproc", async (opened) => {
    await opened.complete("persistproc tool", ["toolx"]);
    await opened.complete("persistproc toolx r", ["toolx", "run"]);
    await opened.complete("persistproc run --label a:b=c toolx r", [
      ...["run", "--label", "a:b=c", "toolx", "run"],
    ]);
    await opened.complete("persistproc -q start -- toolx r", ["-q", "start", "--", "toolx", "run"]);
    await opened.complete("persistproc ctrl start toolx r", ["ctrl", "start", "toolx", "run"]);
  });

  test("of what a shell can run, only programs are offered, and none before one is begun", async (opened) => {
    await opened.line("alias toolonlyhere=true");
    // The alias begins so, too.
    await opened.complete("persistproc tool", ["toolx"]);
    await opened.complete("persistproc run tool", ["run", "toolx"]);
    await opened.complete("persistproc run ./stub/to", ["run", "./stub/toolx"]);
    // Nothing begins so but a keyword of the shell's.
    await opened.complete("persistproc functio", ["functio"]);
    await opened.complete("persistproc run ", ["run"]);
  });

  test("directories and files are completed", async (opened, workspace) => {
    await Deno.mkdir(workspace.path("some where"));
    await workspace.write("some.file", "");
    // zsh takes the slash away again when the line is done.
    const directory = shell === "zsh" ? "some where" : "some where/";
    await opened.complete("persistproc --data-dir some", ["--data-dir", directory]);
    await opened.complete("persistproc start --stdin some.f", ["start", "--stdin", "some.file"]);
  });

  test("without a server it says nothing, and starts none", async (opened, workspace) => {
    await opened.complete("persistproc stop we", ["stop", "we"]);
    assertEquals(await workspace.isServing(), false);
    assertEquals(await workspace.server(), null);
    assert(!/error|refused/i.test(opened.screen), opened.screen);
  });

  if (shell === "bash") {
    test("with bash-completion, that completes a wrapped program", async (opened) => {
      // It counts the words as bash does, at colons and the like.
      await opened.line("_command_offset() { COMPREPLY=(from-$1); }");
      await opened.complete("persistproc run --label a:b=c toolx r", [
        ...["run", "--label", "a:b=c", "toolx", "from-8"],
      ]);
    });
    continue;
  }
  test("what a PID or a command means is shown beside it", async (opened, workspace) => {
    await workspace.serve();
    const { pid } = await workspace.runJson(["start", "--label", "plain", "sleep", "1000"]);
    await opened.shows("persistproc stop ", [/plain .*running/, new RegExp(`${pid} .*plain`)]);
    await opened.shows("persistproc output --since-", [/--since-time .*from this time/]);
  });
}
