import { assertEquals } from "@std/assert";
import { chooseKeeperShell, systemShells } from "../../lib/supervisor/keeper_shell.ts";

const both = { dash: "/bin/dash", bash: "/bin/bash" };

Deno.test("an ordinary environment gets dash, and nothing around the program", () => {
  const environment = { PATH: "/bin", HOME: "/home/u", PS1: "$ ", SHLVL: "2", _: "/bin/x" };
  const shell = chooseKeeperShell("prog", environment, both);
  assertEquals(shell, {
    path: "/bin/dash",
    bash: false,
    options: [],
    environment,
    prefix: [],
  });
});

Deno.test("variables that dash would drop get bash", () => {
  for (const name of ["a.b", "npm_config_x-y", "BASH_FUNC_f%%", "1A", "ä"]) {
    const shell = chooseKeeperShell("prog", { [name]: "1", SHLVL: "1", _: "x" }, both);
    assertEquals([shell.path, shell.bash], ["/bin/bash", true], name);
    assertEquals(shell.environment[name], "1");
  }
});

Deno.test("what a shell gives a value of its own is put back in front of the program", () => {
  const shell = chooseKeeperShell("prog", { IFS: ":", PPID: "1", OPTIND: "", A: "1" }, both);
  assertEquals(shell.environment, { A: "1" });
  assertEquals(shell.prefix.toSorted(), ["/usr/bin/env", "IFS=:", "OPTIND=", "PPID=1"]);
});

Deno.test("what bash would add is taken away in front of the program", () => {
  assertEquals(chooseKeeperShell("prog", { "a.b": "1" }, both).prefix, [
    "/usr/bin/env",
    ..."-u SHLVL -u _".split(" "),
  ]);
});

Deno.test("without bash, odd names are lost: what env is told, every user can read", () => {
  const shell = chooseKeeperShell("prog", { "a.b": "1", A: "2" }, {
    dash: "/bin/dash",
    bash: null,
  });
  assertEquals(shell, {
    path: "/bin/dash",
    bash: false,
    options: [],
    environment: { A: "2" },
    prefix: [],
  });
});

Deno.test("without dash, bash keeps every run; without both, /bin/sh does", () => {
  assertEquals(chooseKeeperShell("prog", {}, { dash: null, bash: "/bin/bash" }).bash, true);
  assertEquals(chooseKeeperShell("prog", {}, { dash: null, bash: null }).path, "/bin/sh");
});

Deno.test("this system has a shell", () => {
  const { dash, bash } = systemShells();
  assertEquals((dash ?? bash)?.startsWith("/"), true);
});
