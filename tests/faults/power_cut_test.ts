/** What a power cut, or whoever killed everything, leaves: the next start works unattended. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { byChance, type Chance, tell, times } from "../support/faults.ts";
import { Stranger } from "../support/stranger.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const TICKS = "while :; do echo tick; sleep 0.02; done";

/** A started process: its answer, and where its files are. */
interface Started {
  label: string;
  pid: number;
  log: string;
  /** The directory of its run. */
  run: string;
  /** Its `process.json`. */
  record: string;
}

async function start(workspace: Workspace, label: string, ...command: string[]): Promise<Started> {
  const { pid, log_stdout: log } = await workspace.runJson(["start", "--label", label, ...command]);
  const run = dirname(log);
  return { label, pid, log, run, record: join(dirname(run), "process.json") };
}

/** Ends a run at once, keeper and all, as a power cut does. */
async function cut({ pid, record }: Started): Promise<void> {
  const { group } = JSON.parse(await Deno.readTextFile(record)).runs.at(-1);
  Deno.kill(-group, "SIGKILL");
  await until(async () => await processState(pid) === null, { what: `the end of ${pid}` });
}

async function truncate(path: string, chance: Chance): Promise<void> {
  const { size } = await Deno.stat(path);
  await Deno.truncate(path, chance.below(size));
}

Deno.test(
  "after a power cut the next start works unattended, whatever the files have become",
  byChance("power cut", async (chance) => {
    const rounds = times({ full: 20, ci: 4 });
    let compared = 0;
    for (let round = 0; round < rounds; round++) {
      await using workspace = await Workspace.create();
      await using stranger = new Stranger(workspace);
      const server = await workspace.serve();
      const living = await start(workspace, "living", "sh", "-c", TICKS);
      const halfWritten = await start(workspace, "half-written", "sleep", "4242");
      const oldBoot = await start(workspace, "old boot", "sleep", "4242");
      const silent = await start(workspace, "silent", "sh", "-c", "echo spoken; exec sleep 4242");
      const wasStopping = await start(workspace, "was stopping", "sleep", "4242");
      await until(async () => (await Deno.readTextFile(silent.log)) !== "", { what: "its words" });
      await until(async () => (await Deno.stat(living.log)).size > 50, { what: "some ticks" });
      server.kill("SIGKILL");
      await server.end();
      for (const each of [halfWritten, oldBoot, silent, wasStopping]) await cut(each);

      // A half-written record, the draft of a record, an empty one, and a directory without any.
      await truncate(halfWritten.record, chance);
      await Deno.writeTextFile(
        join(dirname(living.record), ".process.json-123"),
        '{"format": 1, "id',
      );
      await Deno.mkdir(join(dirname(dirname(living.record)), "feedbeef"));
      // An index that ends in the middle of a record, and one that is nonsense.
      await truncate(join(living.run, "timeline"), chance);
      await Deno.writeFile(join(silent.run, "timeline"), chance.bytes(24 + chance.below(100)));
      // Where the keeper died before it could say how the program ended: nothing, or half of it.
      await Deno.writeTextFile(join(silent.run, "exit"), round % 2 ? "" : "14");
      // A record of another boot, whose PID is somebody else's by now.
      await edit(oldBoot, (run) => Object.assign(run, { boot: "before", pid: stranger.pid }));
      await edit(wasStopping, (run) => Object.assign(run, { status: "stopping" }));
      // The address of a dead server, whose PID is somebody else's; a token cut off.
      const address = { pid: stranger.pid, port: workspace.port, version: "0.0.1" };
      const text = JSON.stringify(address);
      const file = join(workspace.dataDirectory, "server.json");
      await Deno.writeTextFile(file, round % 3 ? text : text.slice(0, chance.below(text.length)));
      if (round % 2) await Deno.writeTextFile(join(workspace.dataDirectory, "token"), "");

      // Nobody does anything but go on working.
      const next = await start(workspace, "next", "echo", "hello");
      await until(async () => await Deno.readTextFile(next.log) === "hello\n", { what: "hello" });
      const list: Record<string, unknown>[] = await workspace.processes();
      const find = ({ label }: Started) => list.find((process) => process.label === label);
      assertEquals([find(living)?.status, find(living)?.pid], ["running", living.pid]);
      for (const dead of [oldBoot, silent, wasStopping]) {
        assertEquals([dead.label, find(dead)?.status], [dead.label, "exited"]);
      }
      assertStringIncludes(String(find(oldBoot)?.reason), "restart of the machine");
      assertMatch(String(find(silent)?.reason), /exit status is not known/);
      const log = await Deno.readTextFile(join(workspace.dataDirectory, "server.log"));
      if (find(halfWritten) === undefined) assertStringIncludes(log, "could not be read");

      // What lives goes on, with every byte; what was said before is still read.
      const before = (await Deno.stat(living.log)).size;
      await until(async () => (await Deno.stat(living.log)).size > before, { what: "more ticks" });
      const ticks = await workspace.run(["output", "--lines", "100000", "--label", "living"]);
      assert(ticks.stdout.startsWith("tick\ntick\n"), ticks.stderr);
      compared += await assertTicks(living.log);
      assertEquals((await workspace.run(["output", "--label", "silent"])).stdout, "spoken\n");
      // What is dead can be started again, with a FIFO of its own.
      for (const dead of [oldBoot, silent, wasStopping]) {
        const again = await workspace.runJson(["restart", "--label", dead.label]);
        assertEquals(again.status, "running");
      }
      assertEquals((await workspace.run(["stop", "--label", "living"])).code, 0);
      assertEquals(await processState(living.pid), null);
      assertEquals((await workspace.run(["shutdown"])).code, 0);
      assert(await stranger.isAlive(), "somebody else was signalled");
    }
    await tell({ fault: "9 every leftover of a power cut", times: rounds, bytes: compared });
  }),
);

async function edit({ record }: Started, change: (run: Record<string, unknown>) => void) {
  const facts = JSON.parse(await Deno.readTextFile(record));
  change(facts.runs.at(-1));
  await Deno.writeTextFile(record, JSON.stringify(facts));
}

async function assertTicks(path: string): Promise<number> {
  const text = await Deno.readTextFile(path);
  assertEquals(text, "tick\n".repeat(Math.floor(text.length / 5)).slice(0, text.length));
  return text.length;
}
