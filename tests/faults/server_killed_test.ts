/** `kill -9` of the server: in the middle of a flood, and while it starts, stops or restarts. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { TimelineReader } from "../../lib/logs/timeline.ts";
import type { Child } from "../support/child.ts";
import { byChance, tell, times } from "../support/faults.ts";
import { assertFlood, Flood, FLOOD_CODE } from "../support/flood.ts";
import { logSize } from "../support/log_files.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

async function kill(server: Child): Promise<void> {
  server.kill("SIGKILL");
  await server.end();
}

/** The facts of a process that no end of a server changes. */
// deno-lint-ignore no-explicit-any -- what `list` answers in JSON
function lasting(process: any) {
  const { pid, label, status, start_time, restarts, command, log_stdout } = process;
  return { pid, label, status, start_time, restarts, command, log_stdout };
}

Deno.test(
  "a server killed in the middle of a flood loses no byte, doubles none and is missed by nobody",
  byChance("flood", async (chance) => {
    const count = times({ full: 50, ci: 15 });
    await using workspace = await Workspace.create();
    // All that is written is to be compared: nothing may be dropped for its size.
    const serve = () => workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: "8G" } });
    const list = async () => (await workspace.processes());
    let server = await serve();
    const flood = new Flood(workspace, { burst: 3_000, pause: 0.02 });
    await workspace.runJson(["start", "--label", "flood", ...flood.command]);
    const [before] = (await list()).map(lasting);

    for (let round = 0; round < count; round++) {
      const trigger = workspace.path(`end-${round}`);
      const code = round % 100 + 1;
      const label = `short-${round}`;
      const script = `until test -e '${trigger}'; do sleep 0.01; done; echo done; exit ${code}`;
      await workspace.runJson(["start", "--label", label, "sh", "-c", script]);
      await chance.instant(50);
      await kill(server);
      // Ends while no server lives, or while the next one is about to take over.
      await workspace.write(`end-${round}`, "");
      if (round % 2) {
        // That one dies too, before it answers or just after.
        const next = workspace.spawn(["serve"], { env: { PERSISTPROC_LOG_LIMIT: "8G" } });
        await chance.instant(300);
        await kill(next);
      }
      server = await serve();
      const short = await until(
        async () =>
          (await list()).find((process: Record<string, string>) =>
            process.label === label && process.status === "exited"
          ),
        { what: "the end of the short process" },
      );
      assertEquals(short.exit_code, code, short.reason);
      assertEquals(await Deno.readTextFile(short.log_stdout), "done\n");
      const [after] = (await list()).filter(({ label }: { label: string }) => label === "flood");
      assertEquals(lasting(after), before);
      // It goes on indexing: the newest line is found.
      const size = await logSize(after.log_stdout);
      const shown = await workspace.run(["output", "--label", "flood", "--stream", "stdout"]);
      const [, last] = /out (\d+) of many\n(?:[^\n]*\n)?-- /.exec(shown.stdout + shown.stderr) ??
        [];
      assert(Number(last) * "out 1 of many\n".length >= size / 2, shown.stdout.slice(-300));
    }

    const lines = await flood.end();
    const ended = await until(
      async () =>
        (await list()).find(({ label, status }: Record<string, string>) =>
          label === "flood" && status === "exited"
        ),
      { what: "the end of the flood" },
    );
    assertEquals(ended.exit_code, FLOOD_CODE);
    const bytes = await assertFlood(ended.log_stdout, "out", lines) +
      await assertFlood(ended.log_stderr, "err", lines);
    await assertTimeline(ended.log_stdout, ended.log_stderr);
    await tell({ fault: "1 kill -9 of the server in a flood", times: count, bytes });
  }),
);

/** Times and sizes only grow, up to what the logs hold. */
async function assertTimeline(stdout: string, stderr: string): Promise<void> {
  using timeline = TimelineReader.open(dirname(stdout));
  let before = { time: 0, stdout: 0, stderr: 0 };
  for (let index = 0; index < timeline.count; index++) {
    const record = timeline.record(index);
    const grows = record.time >= before.time && record.stdout >= before.stdout &&
      record.stderr >= before.stderr;
    assert(grows, `record ${index}: ${JSON.stringify([before, record])}`);
    before = record;
  }
  const sizes = [(await Deno.stat(stdout)).size, (await Deno.stat(stderr)).size];
  assertEquals([before.stdout, before.stderr], sizes);
}

for (const action of ["start", "stop", "restart"] as const) {
  Deno.test(
    `a server killed while it is to ${action} leaves nothing that the next one does not know`,
    byChance(action, async (chance) => {
      const count = times({ full: 30, ci: 6 });
      await using workspace = await Workspace.create();
      let server = await workspace.serve();
      // Its stop takes as long as the grace period, so that the fault falls into it.
      await workspace.write("stubborn.sh", "trap '' TERM; while :; do sleep 0.05; done");
      const grace = ["--grace", "0.5"];
      const stubborn = () => workspace.running().then((all) => all.filter(isStubborn));
      for (let round = 0; round < count; round++) {
        const label = `round-${round}`;
        const start = ["start", "--label", label, "sh", "stubborn.sh"];
        if (action !== "start") await workspace.runJson(start);
        const act = action === "start" ? start : [action, ...grace, "--label", label];
        const known = await begunRuns(workspace);
        const command = workspace.spawn(act, { stdin: "" });
        // Every other time just when a program begins that no record names yet.
        if (action !== "stop" && round % 2) {
          const isBegun = async () => (await begunRuns(workspace)).difference(known).size > 0;
          await until(isBegun, { what: "a new run", longestPause: 1 });
          await chance.instant(6);
        } else await chance.instant(120);
        await kill(server);
        await command.end();
        // The command may have started a server of its own meanwhile.
        server = await workspace.serve(["--replace"]);
        const { processes } = await workspace.runJson(["list", "--running"]);
        const found = await stubborn();
        // What is listed runs, and what runs is listed.
        assertEquals(
          processes.map(({ pid }: { pid: number }) => pid).sort(),
          found.map(({ pid }) => pid).sort(),
          `round ${round}: ${JSON.stringify(found)}`,
        );
        for (const { pid, status } of processes) {
          assertEquals(status, "running");
          assert(await processState(pid) !== null);
          const stopped = await workspace.run(["stop", "--grace", "0", String(pid)]);
          assertEquals(stopped.code, 0, stopped.stderr);
        }
        assertEquals(await stubborn(), []);
      }
      await tell({ fault: `1 kill -9 of the server during ${action}`, times: count });
    }),
  );
}

/** The directories of all runs whose program was about to begin. */
async function begunRuns({ dataDirectory }: Workspace): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const process of Deno.readDir(join(dataDirectory, "processes"))) {
    const path = join(dataDirectory, "processes", process.name);
    // What is forgotten meanwhile is no new run.
    for (const { name } of await Array.fromAsync(Deno.readDir(path)).catch(() => [])) {
      const pid = await Deno.stat(join(path, name, "pid")).catch(() => null);
      if (pid !== null && pid.size > 0) found.add(join(path, name));
    }
  }
  return found;
}

/** The program itself: neither its keeper nor a command that speaks of it. */
function isStubborn({ command }: { command: string }): boolean {
  return /^sh stubborn\.sh( |$)/.test(command);
}

Deno.test("a program that ends while no server lives is known by its code, its signal and its last words", async () => {
  const count = times({ full: 20, ci: 5 });
  await using workspace = await Workspace.create();
  for (let round = 0; round < count; round++) {
    const server = await workspace.serve();
    const started = await Promise.all(
      [`exit ${round + 1}`, "kill -TERM $$", "kill -KILL $$"].map((end, at) => {
        const wait = `until test -e go-${round}; do sleep 0.01; done`;
        const label = `${round}-${at}`;
        return workspace.runJson([
          "start",
          "--label",
          label,
          "sh",
          "-c",
          `${wait}; echo bye; ${end}`,
        ]);
      }),
    );
    await kill(server);
    await workspace.write(`go-${round}`, "");
    for (const { pid } of started) {
      await until(async () => await processState(pid) === null, { what: `the end of ${pid}` });
    }
    const next = await workspace.serve();
    const processes = await workspace.processes();
    const ends = started.map(({ pid }) => {
      const found = processes.find((process: { pid: number }) => process.pid === pid);
      assertStringIncludes(found.reason, "ended while no server was running");
      return [found.status, found.exit_code, found.signal];
    });
    assertEquals(ends, [
      ["exited", round + 1, null],
      ["exited", null, "SIGTERM"],
      ["exited", null, "SIGKILL"],
    ]);
    for (const { log_stdout } of started) {
      assertMatch(await Deno.readTextFile(log_stdout), /^bye\n$/);
    }
    await kill(next);
  }
  await tell({ fault: "1 ends while no server lives", times: count * 3, bytes: count * 12 });
});
