/** Many who want the same at one instant: one process, one server, one answer. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { runningCommands } from "../support/commands.ts";
import { tell, times } from "../support/faults.ts";
import { freePort, Workspace } from "../support/workspace.ts";

const CLIENTS = 20;

/** The facts of an answer that all who start the same have in common. */
// deno-lint-ignore no-explicit-any -- what `ctrl` answers
function common(answer: any) {
  const { pid, label, status, log_stdout, log_stderr, survivors } = answer;
  return { pid, label, status, log_stdout, log_stderr, survivors };
}

Deno.test("20 clients that start one command at one instant get one process and equal answers", async () => {
  const rounds = times({ full: 20, ci: 4 });
  await using workspace = await Workspace.create();
  await workspace.serve();
  const agents = await Promise.all(Array.from({ length: CLIENTS / 2 }, () => workspace.agent()));
  for (let round = 0; round < rounds; round++) {
    // Stopping it takes until all who want that have asked.
    const script = `echo $$ >>started-${round}
      trap 'until test -e end-${round}; do sleep 0.02; done; exit' TERM
      while :; do sleep 0.1; done`;
    const start = { action: "start", command_or_label: script };
    const answers = await Promise.all([
      ...agents.map(async (agent) => {
        const working_directory = workspace.directory;
        const answer = await agent.call("ctrl", { ...start, working_directory });
        assert(!answer.isError, answer.text);
        return answer.structured;
      }),
      ...agents.map(() => workspace.runJson(["start", script])),
    ]);
    assertEquals(answers.length, CLIENTS);
    const [first] = answers;
    for (const answer of answers) assertEquals(common(answer), common(first));
    const fresh = answers.filter((answer) => answer?.already_running === false);
    assertEquals(fresh.length, 1);
    assertEquals(await Deno.readTextFile(workspace.path(`started-${round}`)), `${first?.pid}\n`);
    const { processes } = await workspace.runJson(["list", "--running"]);
    assertEquals(processes.length, 1);

    // As many stop it at one instant: one outcome, the same answer to all.
    const stops = Promise.all(
      agents.map((agent) => agent.call("ctrl", { action: "stop", pid: Number(first?.pid) })),
    );
    await Promise.all(agents.map((agent) => agent.call("list")));
    await workspace.write(`end-${round}`, "");
    for (const { structured, text } of await stops) {
      assertEquals(structured && [structured.pid, structured.status], [first?.pid, "exited"], text);
    }
  }
  await tell({ fault: "8 20 clients start one command", times: rounds });
});

Deno.test("a second server on a data directory refuses and names the first, also after a crash", async () => {
  const rounds = times({ full: 20, ci: 5 });
  await using workspace = await Workspace.create();
  for (let round = 0; round < rounds; round++) {
    const first = await workspace.serve();
    const refused = await workspace.run(["serve", "--port", String(freePort())]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(
      refused.stderr,
      `has a server already: PID ${first.pid} on port ${workspace.port}`,
    );
    assertEquals((await workspace.server())?.pid, first.pid);
    assert(await workspace.isServing());
    // The lock goes with whoever held it.
    first.kill("SIGKILL");
    await first.end();
    // Of two that start at one instant, one is the server.
    const pair = [freePort(), freePort()].map((port) =>
      workspace.spawn(["serve", "--port", String(port)], { stdin: "" })
    );
    const loser = await Promise.any(
      pair.map(async (child) => ({ child, ...await child.end() })),
    );
    assertEquals(loser.code, 1, loser.stderr);
    assertMatch(
      loser.stderr,
      /has a server already(: PID \d+ on port \d+|, and it is just starting)/,
    );
    const [winner] = pair.filter((child) => child !== loser.child);
    assert(winner && winner.ended === null);
    winner.kill("SIGKILL");
    await winner.end();
  }
  await tell({ fault: "12 two servers on one data directory", times: rounds * 2 });
});

Deno.test("20 commands that start the server at one instant start one server", async () => {
  const rounds = times({ full: 10, ci: 2 });
  await using workspace = await Workspace.create();
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      Array.from(
        { length: CLIENTS },
        (_, n) => workspace.runJson(["start", "--label", `number ${n}`, "sleep", "4242"]),
      ),
    );
    assertEquals(new Set(answers.map(({ pid }) => pid)).size, CLIENTS);
    const servers = await runningCommands(workspace, / serve --quiet /);
    assertEquals(servers.map(({ pid }) => pid), [(await workspace.server())?.pid]);
    const { processes } = await workspace.runJson(["list", "--running"]);
    assertEquals(processes.length, CLIENTS);
    assertEquals((await workspace.run(["shutdown"])).code, 0);
  }
  await tell({ fault: "13 20 auto-starts at one instant", times: rounds });
});
