/** Several who look at one process with `run`, over its restarts and those of the server. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { COUNTER } from "../support/counter.ts";
import { outputOf } from "../support/output_of.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const serving = () => Workspace.serving({ "counter.sh": COUNTER });

Deno.test("K120 F130 a second run attaches and shows the last lines once, in order", async () => {
  await using workspace = await serving();
  await using first = workspace.spawn(["sh", "counter.sh"]);
  await first.waitFor("line 8\n");
  await using second = workspace.spawn(["run", "--lines", "3", "sh", "counter.sh"]);
  await second.waitFor(/(line \d+\n){10}/);
  await workspace.run(["stop", "sh", "counter.sh"]);
  const [one, two] = [await first.end(), await second.end()];
  assertEquals([one.code, two.code], [7, 7]);
  assert(one.stdout.endsWith(two.stdout), "the second saw a suffix of what the first saw");
  assertEquals((await workspace.processes()).length, 1);
});

Deno.test("K121 --fresh stops what runs and starts it again", async () => {
  await using workspace = await Workspace.serving();
  const before = await workspace.runJson(["start", "sleep", "100"]);
  await using viewer = workspace.spawn(["run", "--fresh", "sleep", "100"]);
  const running = async () => {
    const [process] = await workspace.processes();
    return process?.status === "running" && process.pid !== before.pid && process;
  };
  const process = await until(running, { what: "the fresh run" });
  assertEquals(process.restarts, 1);
  viewer.kill("SIGTERM");
});

Deno.test("K122 every viewer follows a restart from its first byte", async () => {
  await using workspace = await serving();
  await using one = workspace.spawn(["sh", "counter.sh"]);
  await one.waitFor("line 3\n");
  await using two = workspace.spawn(["sh", "counter.sh"]);
  await two.waitFor(/line \d+\n/);
  const agent = await workspace.agent();
  for (let restart = 1; restart <= 3; restart++) {
    const [{ pid }] = await workspace.processes();
    await agent.call("ctrl", { action: "restart", pid });
    for (const viewer of [one, two]) {
      await until(() => viewer.stdout.split("bye\nline 1\nline 2\n").length === restart + 1, {
        what: () => `restart ${restart} in ${viewer.describe()}`,
      });
    }
  }
  assertMatch(one.stderr, /restarted by .* \(PID \d+\)/);
  await workspace.run(["stop", "sh", "counter.sh"]);
  assertEquals((await one.end()).code, 7);
  assertEquals((await two.end()).code, 7);
});

Deno.test("F131 the output and the exit status survive the server", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const gate = workspace.path("gate");
  await using viewer = workspace.spawn([
    ...["sh", "-c", `echo one; while ! [ -e '${gate}' ]; do sleep 0.02; done; echo two; exit 5`],
  ]);
  await viewer.waitFor("one\n");
  server.kill("SIGKILL");
  await viewer.waitFor("the server has ended", { stream: "stderr" });
  await workspace.write("gate", "");
  const { code, stdout } = await viewer.end();
  assertEquals(stdout, "one\ntwo\n");
  assertEquals(code, 5);
});

Deno.test("F131 a viewer finds the next server and follows its restarts", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using viewer = workspace.spawn(["sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  server.kill("SIGKILL");
  await viewer.waitFor("the server has ended", { stream: "stderr" });
  await server.end();
  await workspace.serve();
  await viewer.waitFor("a server is back", { stream: "stderr" });
  await workspace.run(["restart", "sh", "counter.sh"]);
  await viewer.waitFor("bye\nline 1\n");
  await workspace.run(["stop", "sh", "counter.sh"]);
  assertEquals((await viewer.end()).code, 7);
  const logs = await Array.fromAsync([1, 2], async (run) => {
    const [{ log_stdout }] = await workspace.processes();
    return await Deno.readTextFile(join(log_stdout, "..", "..", String(run), "stdout.log"));
  });
  assertEquals(viewer.stdout, logs.join(""));
});

Deno.test({
  name: "F133 a viewer asks for nothing and does nothing while nothing is written",
  ignore: Deno.build.os !== "linux",
  fn: idleViewer,
});

async function idleViewer() {
  await using workspace = await serving();
  await using viewer = workspace.spawn(["sh", "-c", "echo up; exec sleep 100"]);
  await viewer.waitFor("up\n");
  // How often its main thread has been woken, and its time on a processor (proc(5)): polling would
  // show, whatever its interval.
  const woken = async () => {
    const status = await outputOf("cat", `/proc/${viewer.pid}/status`);
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  };
  const ticks = async () => {
    const stat = await outputOf("cat", `/proc/${viewer.pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).join(" ");
  };
  // Every connection of the server's port, also those just closed, and the bytes on it (ss(8)).
  const connections = async () =>
    (await outputOf("ss", "-tnaiH", `( sport = :${workspace.port} )`)).split("\n")
      .map((line) => line.match(/^(?:ESTAB|TIME-WAIT).*|bytes_\w+:\d+/g)?.join(" "))
      .filter((line) => line).sort();
  // Another one, to which things happen: it asks for nothing either.
  await using busy = workspace.spawn(["sh", "counter.sh"]);
  const quiet = async () => {
    const before = [await ticks(), await connections()];
    const wakes = await woken();
    const shown = busy.stdout.length;
    await until(() => busy.stdout.slice(shown).split("\n").length > 20, { what: "20 lines" });
    if (await woken() - wakes > 1) return false;
    if (!before[1]?.length) return false;
    return JSON.stringify([await ticks(), await connections()]) === JSON.stringify(before);
  };
  await until(quiet, {
    what: "twenty lines of another, while the viewer sleeps and asks for nothing",
  });
}
