/** The original's cases about the life of processes (docs/compatibility.md), by their numbers. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Ignores SIGTERM, and so does the child whose PID it writes to a file; says when it is ready. */
const STUBBORN = `trap '' TERM
sh -c 'trap "" TERM; echo $$ >child; echo ready; while :; do sleep 0.05; done' &
wait
while :; do sleep 0.05; done
`;

Deno.test("the life of processes, case by case", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.serve(["-q"]);
  await workspace.write("stubborn.sh", STUBBORN);
  const start = (...args: string[]) => workspace.runJson(["start", ...args]);
  const list = async (...args: string[]) => (await workspace.runJson(["list", ...args])).processes;
  const entry = async (label: string) => (await list("--command-or-label", label))[0];
  const ended = (label: string) =>
    until(async () => (await entry(label))?.status === "exited", { what: `the end of ${label}` });
  /** Starts the stubborn script; returns the PID of its child. */
  const startStubborn = async (label: string) => {
    const { log_stdout } = await start("--label", label, "sh", "stubborn.sh");
    await until(async () => (await Deno.readTextFile(log_stdout)).includes("ready"), {
      what: "the traps",
    });
    return Number(await Deno.readTextFile(workspace.path("child")));
  };

  await t.step("K77 K78 a restart has a new PID and its old label, and is one", async () => {
    const { pid } = await start("--label", "web", "sleep", "1001");
    const restarted = await workspace.runJson(["restart", "web"]);
    assert(restarted.pid !== pid);
    assertEquals([restarted.label, restarted.status], ["web", "running"]);
    const running = await list("--running");
    assertEquals(running.map((process: { pid: number }) => process.pid), [restarted.pid]);
    await workspace.run(["restart", String(restarted.pid)]);
    assertEquals((await list("--running")).length, 1);
  });

  await t.step("K82 the label says command and directory unless one is given", async () => {
    const directory = workspace.directory;
    assertEquals((await start("sleep", "1002")).label, `sleep 1002 in ${directory}`);
    assertEquals((await start("--label", "", "sleep", "1003")).label, `sleep 1003 in ${directory}`);
  });

  await t.step("K83 long commands and odd labels are kept as they are", async () => {
    const words = Array.from({ length: 20 }, (_, n) => `--word-${n}`);
    const { label } = await start("sh", "-c", "exec sleep 1004", ...words);
    assertMatch(label, /^sh -c 'exec sleep 1004' --word-0 .* in \/.*\/work$/);
    assertEquals((await entry(label)).command.slice(3), words);
    const odd = "my web-app_2 (dev)";
    assertEquals((await start("--label", odd, "sleep", "1005")).label, odd);
    assertEquals((await entry(odd)).label, odd);
  });

  await t.step("K84 F84 stop --force kills at once, and the whole tree", async () => {
    const child = await startStubborn("forced");
    const { signal, survivors, reason } = await workspace.runJson(["stop", "--force", "forced"]);
    assertEquals([signal, survivors], ["SIGKILL", []]);
    assertEquals(/after SIGTERM/.test(reason), false, reason);
    assertEquals(await processState(child), null);
  });

  await t.step("F85 F86 a stop waits, then kills all; others are answered meanwhile", async () => {
    const child = await startStubborn("stubborn");
    const order: string[] = [];
    const stop = workspace.runJson(["stop", "--grace", "10", "stubborn"])
      .then((result) => (order.push("stopped"), result));
    await until(async () => (await entry("stubborn")).status === "stopping", {
      what: "the beginning of the stop",
    });
    await start("--label", "meanwhile", "true");
    await list();
    order.push("answered");
    const { signal, exit_code, survivors } = await stop;
    assertEquals(order, ["answered", "stopped"]);
    assertEquals([signal, exit_code, survivors], ["SIGKILL", null, []]);
    assertEquals(await processState(child), null);
  });

  await t.step("F87 a stop by label tells PID, label, logs and exit status", async () => {
    const script = "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done";
    const { pid, log_stdout } = await start("--label", "told", "sh", "-c", script);
    await until(async () => (await Deno.readTextFile(log_stdout)) === "up\n", { what: "its trap" });
    const stopped = await workspace.runJson(["stop", "told"]);
    assertEquals(
      [stopped.pid, stopped.label, stopped.exit_code, stopped.log_stdout],
      [pid, "told", 3, log_stdout],
    );
  });

  await t.step(
    "F88 F89 a restart of what has ended tells how, and starts it as it was",
    async () => {
      const script = "echo $MARK; pwd; exit 4";
      const env = { MARK: "original" };
      await Deno.mkdir(workspace.path("sub"));
      await workspace.runJson(["start", "--label", "again", "sh", "-c", script], {
        env,
        cwd: "sub",
      });
      await ended("again");
      const before = await entry("again");
      const after = await workspace.runJson(["restart", "again"], { env: { MARK: "other" } });
      assertEquals([after.previous_pid, after.exit_code, after.label], [before.pid, 4, "again"]);
      await until(async () => (await entry("again")).restarts === 1 && (await ended("again")), {
        what: "the second end",
      });
      assertEquals(
        await Deno.readTextFile(after.log_stdout),
        `original\n${workspace.path("sub")}\n`,
      );
    },
  );

  await t.step("F90 F91 what has ended is found by its label, and says how it ended", async () => {
    await start("--label", "over", "sh", "-c", "echo last words; exit 5");
    await ended("over");
    const { exit_code, signal, end_time, reason } = await entry("over");
    assertEquals([exit_code, signal], [5, null]);
    assertMatch(end_time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assertStringIncludes(reason, "exited with code 5");
    assertEquals((await workspace.run(["output", "over"])).stdout, "last words\n");
    await start("--label", "killed", "sh", "-c", "kill -9 $$");
    await ended("killed");
    assertEquals([(await entry("killed")).exit_code, (await entry("killed")).signal], [
      null,
      "SIGKILL",
    ]);
  });

  await t.step("F92 what crashes is started again at once, and never refused", async () => {
    for (let round = 0; round < 5; round++) {
      assertEquals(
        (await workspace.run(["run", "--label", "crash", "sh", "-c", "exit 9"])).code,
        9,
      );
    }
    assertEquals((await entry("crash")).restarts, 4);
  });

  await t.step(
    "F93 one command in one directory is one process; a label makes another",
    async () => {
      const { pid } = await start("sleep", "1006");
      const same = [
        await start("sleep  1006"),
        await start("'sleep' 1006"),
        await start("--working-directory", "sub/..", "sleep", "1006"),
      ];
      assertEquals(same.map((result) => result.pid), [pid, pid, pid]);
      const other = await start("--label", "another", "sleep", "1006");
      assert(other.pid !== pid && !other.already_running);
    },
  );

  await t.step("F97 a restart that cannot work leaves the old run running", async () => {
    const path = await workspace.write("bin/serve", "#!/bin/sh\nexec sleep 1007\n", {
      mode: 0o755,
    });
    const { pid } = await start("--label", "lost", path);
    await Deno.remove(path);
    const { code, stderr } = await workspace.run(["restart", "lost"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Command not found");
    assertEquals([(await entry("lost")).pid, (await entry("lost")).status], [pid, "running"]);
  });
});
