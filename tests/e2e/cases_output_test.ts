/** The original's cases about output (docs/compatibility.md), each under its number. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { logText } from "../support/log_files.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

Deno.test("output, case by case", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.serve(["-q"]);
  const run = (label: string, script: string) =>
    workspace.run(["run", "--label", label, "sh", "-c", script]);
  const output = async (...args: string[]) => (await workspace.run(["output", ...args])).stdout;
  const logs = async (label: string) => {
    const [{ log_stdout, log_stderr }] =
      (await workspace.runJson(["list", "--command-or-label", label])).processes;
    return { log_stdout, log_stderr };
  };

  await t.step("K102 a time bounds the lines: since is inclusive, before is not", async () => {
    const gate = workspace.path("gate");
    // Growth of 50 ms shares a time.
    const script = `echo one; until [ -e '${gate}' ]; do sleep 0.02; done; sleep 0.2; echo two`;
    const timed = run("timed", script);
    await until(async () => await output("timed") === "one\n", { what: "the first line" });
    // Asked for what is there already, the server has noted its time.
    await output("timed");
    await workspace.write("gate", "");
    await timed;
    const all = (await output("--timestamps", "timed")).trimEnd().split("\n");
    const time = all[1]?.split(" ")[0] ?? "";
    assertMatch(time, /Z$/);
    assertEquals(await output("--since-time", time, "timed"), "two\n");
    assertEquals(await output("--before-time", time, "timed"), "one\n");
    // Without a zone it is UTC.
    assertEquals(await output("--since-time", time.slice(0, -1), "timed"), "two\n");
  });

  await t.step("K103 there are 100 lines unless another number is asked for", async () => {
    await run("many", "seq 1 150");
    assertEquals((await output("many")).split("\n").length - 1, 100);
    assertEquals((await output("--lines", "1000", "many")).split("\n").length - 1, 150);
  });

  await t.step("F104 F105 no lines are none; fewer, and no time, are errors", async () => {
    assertEquals(await output("--lines", "0", "many"), "No output available\n");
    for (const wrong of [["--lines", "-1"], ["--since-time", "garbage"]]) {
      const { code, stdout } = await workspace.run(["output", ...wrong, "many"]);
      assertEquals([code, stdout], [2, ""]);
    }
  });

  await t.step("F106 whether there is more than what is shown is told", async () => {
    const last = await workspace.runJson(["output", "--lines", "3", "many"]);
    assertEquals([last.lines_shown, last.earlier_lines], [3, true]);
    const all = await workspace.runJson(["output", "--lines", "150", "many"]);
    assertEquals([all.lines_shown, all.earlier_lines], [150, false]);
  });

  await t.step("F107 5000 lines before the exit are in the log and in the output", async () => {
    const { stdout } = await run("flood", "seq 1 5000; seq 1 5000 >&2");
    const expected = Array.from({ length: 5000 }, (_, n) => `${n + 1}\n`).join("");
    const { log_stdout, log_stderr } = await logs("flood");
    assertEquals(stdout, expected);
    for (const log of [log_stdout, log_stderr]) {
      await until(async () => await logText(log) === expected, { what: log });
    }
    assertEquals((await output("--lines", "10000", "flood")).split("\n").length - 1, 10_000);
  });

  await t.step("F108 seq 1 5 shows five lines, always", async () => {
    const runs = await Promise.all(
      Array.from(
        { length: 10 },
        (_, n) => workspace.run(["run", "--label", `${n}`, "seq", "1", "5"]),
      ),
    );
    assertEquals(new Set(runs.map(({ stdout }) => stdout)), new Set(["1\n2\n3\n4\n5\n"]));
  });

  await t.step("F109 what a child writes after the program's end is kept", async () => {
    const gate = workspace.path("gate");
    const child = `while ! [ -e '${gate}' ]; do sleep 0.02; done; echo from the child`;
    await run("parent", `echo from the parent; (${child}) & exit 0`);
    await workspace.write("gate", "");
    await until(async () => await output("parent") === "from the parent\nfrom the child\n", {
      what: "the child's line",
    });
  });

  await t.step("F110 a prompt without a newline is shown", async () => {
    const start = ["start", "--label", "prompt", "sh", "-c", 'printf "Name? "; exec sleep 1000'];
    await workspace.run(start);
    await until(async () => (await output("prompt")) === "Name? \n", { what: "the prompt" });
  });

  await t.step("F111 progress by carriage returns leaves times as they are", async () => {
    await run("progress", 'printf "10%%\\r50%%\\r"; sleep 0.2; printf "100%%\\ndone\\n"');
    assertEquals(await output("progress"), "100%\ndone\n");
    assertEquals(await output("--since-time", "2099-01-01", "progress"), "No output available\n");
    assertEquals(await output("--since-time", "1h", "progress"), "100%\ndone\n");
  });

  await t.step("F113 each PID has its own lines, whatever ran since", async () => {
    const pids: number[] = [];
    for (const round of ["first", "second"]) {
      await workspace.write("round", round);
      await run("rounds", "cat round; echo");
      const [{ pid }] =
        (await workspace.runJson(["list", "--command-or-label", "rounds"])).processes;
      pids.push(pid);
    }
    assertEquals(await output(String(pids[0])), "first\n");
    assertEquals(await output(String(pids[1])), "second\n");
    assertEquals(await output("--lines", "1", "rounds"), "second\n");
  });

  await t.step("F114 no line is followed by an empty one that was not written", async () => {
    await run("spaced", "echo a; echo; echo b");
    assertEquals(await output("spaced"), "a\n\nb\n");
  });

  await t.step("F116 lines that say [SYSTEM] are lines", async () => {
    const { stdout } = await run("system", "echo '[SYSTEM] up'");
    assertEquals([stdout, await output("system")], ["[SYSTEM] up\n", "[SYSTEM] up\n"]);
  });

  await t.step("output without a target merges by time, and -f follows all of it", async () => {
    await Deno.mkdir(workspace.path("dir"));
    const cwd = "dir";
    const script = (n: number) => `while ! [ -e go${n} ]; do sleep 0.02; done; echo line ${n}`;
    await using follower = workspace.spawn(["output", "-f"], { cwd });
    await follower.waitFor("nothing has been started here yet", { stream: "stderr" });
    for (const n of [1, 2, 3]) {
      await workspace.run(["start", "--label", `p${n}`, "sh", "-c", script(n)], { cwd });
      await follower.waitFor(`p${n} started by`, { stream: "stderr" });
    }
    for (const n of [2, 3, 1]) {
      await workspace.write(`dir/go${n}`, "");
      await follower.waitFor(`line ${n}\n`);
      // Asked for it, the server has noted its time.
      await workspace.run(["output", `p${n}`]);
    }
    assertEquals((await follower.end()).stdout, "[p2] line 2\n[p3] line 3\n[p1] line 1\n");
    const merged = (await workspace.run(["output"], { cwd })).stdout;
    assertEquals(merged, "[p2] line 2\n[p3] line 3\n[p1] line 1\n");
  });

  await t.step("output -f of one process ends with it, also when no server is left", async () => {
    const script = "echo up; while ! [ -e go ]; do sleep 0.02; done; echo down";
    await workspace.run(["start", "--label", "last", "sh", "-c", script]);
    await using follower = workspace.spawn(["output", "-f", "last"]);
    await follower.waitFor("up\n");
    const server = await workspace.server();
    assert(server);
    Deno.kill(server.pid, "SIGKILL");
    await follower.waitFor("the server has ended", { stream: "stderr" });
    await workspace.write("go", "");
    const { code, stdout, stderr } = await follower.end();
    assertEquals([code, stdout], [0, "up\ndown\n"]);
    assertEquals(stderr.split("the server has ended").length, 2);
    assertStringIncludes(stderr, "its files");
  });
});
