import { assertEquals, assertStringIncludes } from "@std/assert";
import { innerScript } from "../../lib/supervisor/keeper_script.ts";
import { chooseShell, systemShells } from "../../lib/system/shells.ts";

const none = { dash: null, bash: null, busybox: null };
const both = { ...none, dash: "/bin/dash", bash: "/bin/bash" };

Deno.test("an ordinary environment gets dash, and nothing around the program", () => {
  const environment = { PATH: "/bin", HOME: "/home/u", PS1: "$ ", SHLVL: "2", _: "/bin/x" };
  const shell = chooseShell("prog", environment, both);
  assertEquals(shell, {
    path: "/bin/dash",
    kind: "dash",
    options: [],
    environment,
    prefix: [],
  });
});

Deno.test("variables that dash would drop get bash", () => {
  for (const name of ["a.b", "npm_config_x-y", "BASH_FUNC_f%%", "1A", "ä"]) {
    const shell = chooseShell("prog", { [name]: "1", SHLVL: "1", _: "x" }, both);
    assertEquals([shell.path, shell.kind], ["/bin/bash", "bash"], name);
    assertEquals(shell.environment[name], "1");
  }
});

Deno.test("what a shell gives a value of its own is put back in front of the program", () => {
  const shell = chooseShell("prog", { IFS: ":", PPID: "1", OPTIND: "", A: "1" }, both);
  assertEquals(shell.environment, { A: "1" });
  assertEquals(shell.prefix.toSorted(), ["/usr/bin/env", "IFS=:", "OPTIND=", "PPID=1"]);
});

Deno.test("what bash would add is taken away in front of the program", () => {
  assertEquals(chooseShell("prog", { "a.b": "1" }, both).prefix, [
    "/usr/bin/env",
    ..."-u SHLVL -u _".split(" "),
  ]);
});

Deno.test("without bash, odd names are lost: what env is told, every user can read", () => {
  const shell = chooseShell("prog", { "a.b": "1", A: "2" }, {
    ...none,
    dash: "/bin/dash",
  });
  assertEquals(shell, {
    path: "/bin/dash",
    kind: "dash",
    options: [],
    environment: { A: "2" },
    prefix: [],
  });
});

Deno.test("without dash, bash keeps every run; without both, /bin/sh does", () => {
  assertEquals(chooseShell("prog", {}, { ...none, bash: "/bin/bash" }).kind, "bash");
  assertEquals(chooseShell("prog", {}, none).path, "/bin/sh");
});

Deno.test("busybox is told from dash: it adds a variable, and its exec takes options", () => {
  const shell = chooseShell("prog", { PATH: "/bin" }, { ...none, busybox: "/bin/sh" });
  assertEquals([shell.path, shell.kind], ["/bin/sh", "busybox"]);
  assertEquals(shell.prefix, ["/usr/bin/env", "-u", "SHLVL"]);
  assertStringIncludes(innerScript(shell.kind), 'exec -- "$@"');
  assertStringIncludes(innerScript("dash"), 'exec "$@"');
});

Deno.test("this system has a shell", () => {
  const { dash, bash, busybox } = systemShells();
  assertEquals((dash ?? bash ?? busybox)?.startsWith("/"), true);
});
