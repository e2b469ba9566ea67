/** What a power cut leaves in a data directory: the next server starts unattended all the same. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { TimelineReader } from "../../lib/logs/timeline.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

/** What every leftover is tested with: a process runs, and must be found and usable afterwards. */
async function survives(leave: (bench: Bench, directory: string) => void): Promise<void> {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; read line; echo more; exec sleep 1000", {
    label: "x",
  });
  await bench.reopen(() => leave(bench, started.run_directory));
  assertEquals([bench.now(started).pid, bench.now(started).status], [started.pid, "running"]);
  using fifo = await Deno.open(`${started.run_directory}/input/stdin`, { read: true, write: true });
  await fifo.write(new TextEncoder().encode("\n"));
  await bench.printed(started, "more");
  await until(() => {
    using timeline = TimelineReader.open(started.run_directory);
    return timeline.record(timeline.count - 1).stdout === "ready\nmore\n".length;
  }, { what: "the index of the last line" });
  assertEquals((await bench.restart({ label: "x" })).previous_pid, started.pid);
  await bench.printed(started, "ready");
}

const write = Deno.writeTextFileSync;

for (
  const [name, leave] of [
    ["a truncated timeline", (_, run) => Deno.truncateSync(join(run, "timeline"), 30)],
    ["an empty timeline", (_, run) => Deno.truncateSync(join(run, "timeline"), 0)],
    ["half a trimmed timeline", (_, run) => write(join(run, "timeline.new"), "half")],
    ["a timeline of garbage", (_, run) => write(join(run, "timeline"), "x".repeat(100))],
    ["half a note of what was dropped", (_, run) => write(join(run, "dropped"), '{"stdout"')],
    ["half a draft of it", (_, run) => write(join(run, ".dropped"), '{"stdo')],
    ["half a copy of a log", (_, run) => write(join(run, "stdout.log.tail.new"), "re")],
    ["half a record, not yet in its place", ({ dataDirectory }, run) => {
      write(join(run, "..", ".process.json.draft"), "{");
      write(join(dataDirectory, ".server.json.draft"), "{");
    }],
    ["the directory of a run that no record knows", (_, run) => {
      Deno.mkdirSync(join(run, "..", "2", "input"), { recursive: true });
      write(join(run, "..", "2", "stdout.log"), "from before");
      new Deno.Command("mkfifo", { args: [join(run, "..", "2", "input", "stdin")] }).outputSync();
    }],
  ] as [string, (bench: Bench, run: string) => void][]
) {
  Deno.test(`the next server works in spite of ${name}`, () => survives(leave));
}

Deno.test("after a restart of the machine, what ran is told to be over and starts again", async () => {
  await using bench = await Bench.create();
  const started = await bench.sh("echo ready", { label: "x" });
  await bench.ended(started);
  await bench.reopen(async () => {
    // As a power cut leaves it: running, no exit status, a FIFO without a keeper.
    const path = join(bench.dataDirectory, "processes", started.process, "process.json");
    const record = JSON.parse(await Deno.readTextFile(path));
    Object.assign(record.runs[0], { status: "running", ended_at: null, exit_code: null });
    Object.assign(record.runs[0], { boot: "another boot", signal: null });
    write(path, JSON.stringify(record));
    write(join(started.run_directory, "exit"), "");
  });
  const now = bench.now(started);
  assertEquals([now.status, now.reason], ["exited", "ended with a restart of the machine"]);
  assertEquals((await bench.ended(await bench.restart({ label: "x" }))).exit_code, 0);
});
