/** Servers that take over from each other, of the same version and of others. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startOldServer } from "../support/old_server.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const TICKS = 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.02; done';

/** Every number of the lines, from the first that was shown on. */
function assertTicks(text: string, atLeast: number): void {
  const numbers = Array.from(text.matchAll(/^tick (\d+)$/gm), ([, number]) => Number(number));
  assertEquals(numbers, numbers.map((_, at) => at + 1));
  assert(numbers.length >= atLeast, `${numbers.length} ticks`);
}

Deno.test("serve --replace takes over without touching a process, and who watches goes on", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  await using viewer = workspace.spawn(["run", "--label", "ticker", "sh", "-c", TICKS]);
  await viewer.waitFor("tick 10\n");
  const [before] = await workspace.processes();

  const second = await workspace.serve(["--replace"]);
  assertEquals((await first.end()).code, 0);
  await second.waitFor(`took over from PID ${first.pid}`, { stream: "stderr" });
  const [after] = await workspace.processes();
  assertEquals([after.pid, after.start_time, after.restarts, after.status], [
    before.pid,
    before.start_time,
    0,
    "running",
  ]);
  await viewer.waitFor(`a server is back (PID ${second.pid})`, { stream: "stderr" });

  // It reconnected: it hears of a restart by somebody else.
  await workspace.run(["restart", "--label", "ticker"]);
  await viewer.waitFor("restarted", { stream: "stderr" });
  const [firstRun = ""] = viewer.stdout.split(/^tick 1\n/m).slice(1);
  assertTicks(`tick 1\n${firstRun}`, 10);
  assertEquals((await workspace.run(["stop", "--label", "ticker"])).code, 0);
  await viewer.end();
});

Deno.test("a server of another version is told apart, and replaced on its own port", async () => {
  await using workspace = await Workspace.create();
  const old = await startOldServer(workspace, "0.2.9");
  const refused = await workspace.run(["start", "sleep", "1000"]);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes(refused.stderr, "is version 0.2.9, this command is version");
  assertStringIncludes(refused.stderr, "persistproc serve --replace");

  const { PERSISTPROC_PORT: _, ...env } = workspace.environment;
  await using next = workspace.spawn(["serve", "--replace"], {
    env: { ...env, PERSISTPROC_PORT: undefined },
  });
  await until(async () => (await workspace.server())?.pid === next.pid, {
    what: () => next.describe(),
  });
  assertEquals((await workspace.server())?.port, workspace.port);
  assertEquals((await old.end()).code, 0);
  await until(() => workspace.isServing(), { what: "an answer" });
  assertEquals((await workspace.run(["list"])).code, 0);
});

Deno.test("shutdown ends a server of another version", async () => {
  await using workspace = await Workspace.create();
  const old = await startOldServer(workspace, "9.0.0");
  assertEquals((await workspace.run(["shutdown", "--keep"])).code, 0);
  assertEquals((await old.end()).code, 0);
});

Deno.test("serve --replace without a server is serve", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve(["--replace"]);
});

Deno.test("a limit that is none is an error in one sentence, before anything happens", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  for (const [value, args] of [["abc", ["--replace"]], ["1K", []]] as const) {
    const env = { PERSISTPROC_LOG_LIMIT: value };
    const { code, stderr } = await workspace.run(["serve", ...args], { env });
    assertEquals(code, 1);
    assertStringIncludes(stderr, `PERSISTPROC_LOG_LIMIT must be a size from 64K on`);
    assertStringIncludes(stderr, `not "${value}"`);
  }
  assertEquals((await workspace.server())?.pid, first.pid);
});
