/** 200 processes at once. */
import { assert, assertEquals } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { outputOf } from "../support/output_of.ts";
import { Workspace } from "../support/workspace.ts";

const COUNT = 200;

Deno.test("200 processes at once: each started, listed, found by the next server, and stopped", async () => {
  const rounds = times({ full: 5, ci: 1 });
  await using workspace = await Workspace.create();
  let server = await workspace.serve();
  for (let round = 0; round < rounds; round++) {
    const agent = await workspace.agent();
    const ctrl = async (parameters: Record<string, unknown>) => {
      const { text, structured, isError } = await agent.call("ctrl", parameters);
      assert(!isError && structured, text);
      return structured;
    };
    const working_directory = workspace.directory;
    const started = await Promise.all(Array.from({ length: COUNT }, (_, n) =>
      ctrl({
        action: "start",
        command_or_label: `sh -c 'echo number ${n}; exec sleep 4242'`,
        label: `number ${n}`,
        working_directory,
      })));
    const pids = started.map(({ pid }) => Number(pid));
    assertEquals(new Set(pids).size, COUNT);

    server.kill("SIGKILL");
    await server.end();
    server = await workspace.serve();
    const { processes } = await workspace.runJson(["list", "--running"]);
    assertEquals(
      processes.map(({ pid }: { pid: number }) => pid).sort(),
      pids.toSorted(),
    );
    for (const { label, log_stdout } of processes) {
      assertEquals(await Deno.readTextFile(log_stdout), `${label}\n`);
    }
    const after = await workspace.agent();
    const answers = await Promise.all(
      pids.map((pid) => after.call("ctrl", { action: "stop", pid })),
    );
    for (const { isError, text, structured } of answers) {
      assert(!isError, text);
      assertEquals(structured?.survivors, []);
    }
    const alive = await living();
    assertEquals(pids.filter((pid) => alive.has(pid)), []);
    assertEquals((await workspace.runJson(["list", "--running"])).processes, []);
  }
  await tell({ fault: "10 200 processes", times: rounds, note: `${rounds * COUNT} processes` });
});

/** The PIDs of everything that runs and is no zombie. */
async function living(): Promise<Set<number>> {
  const rows = (await outputOf("ps", "-eo", "pid=,stat=")).split("\n")
    .map((row) => row.trim().split(/\s+/));
  return new Set(rows.filter(([, state]) => !state?.startsWith("Z")).map(([pid]) => Number(pid)));
}
