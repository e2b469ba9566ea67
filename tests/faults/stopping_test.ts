/** What does not want to be stopped: gone or named, and nobody else is touched. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { outputOf } from "../support/output_of.ts";
import { makeCluster } from "../support/postgres.ts";
import { Stranger } from "../support/stranger.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { freePort, Workspace } from "../support/workspace.ts";

/** Writes its PID down, and does not end on SIGTERM. */
const STUBBORN = `trap '' TERM; echo $$ >>pids; while :; do sleep 0.1; done`;
/** Writes its PID down, and ends as programs do. */
const PLAIN = `echo $$ >>pids; exec sleep 4242`;

interface Shape {
  name: string;
  /** Of sh. `$STUBBORN` and `$PLAIN` are scripts. */
  script: string;
  /** How many PIDs it writes. */
  pids: number;
  needs?: string;
}

const shapes: Shape[] = [
  { name: "a leader that ignores SIGTERM", script: `sh -c "$STUBBORN"`, pids: 1 },
  {
    name: "a grandchild that ignores SIGTERM, its parents end",
    script: `sh -c 'sh -c "$STUBBORN" & wait' & wait`,
    pids: 1,
  },
  {
    name: "a grandchild in a session of its own",
    script: `sh -c 'setsid sh -c "$PLAIN" & wait' & wait`,
    pids: 1,
    needs: "setsid",
  },
  {
    name: "a grandchild in a session of its own, its environment empty",
    script: `sh -c 'setsid env -i sh -c "$PLAIN" & wait' & wait`,
    pids: 1,
    needs: "setsid",
  },
  {
    name: "a daemon, forked twice, in a session of its own, that ignores SIGTERM",
    script: `(setsid sh -c '(sh -c "$STUBBORN" &) ; exit' &); exec sleep 4242`,
    pids: 1,
    needs: "setsid",
  },
  {
    name: "a daemon whose program has ended",
    script: `(setsid sh -c '(sh -c "$PLAIN" &) ; exit' &); exit 0`,
    pids: 1,
    needs: "setsid",
  },
  {
    name: "a crowd of all of them",
    script: `for i in 1 2 3 4 5; do
        sh -c "$STUBBORN" & setsid sh -c "$PLAIN" & (setsid sh -c '(sh -c "$STUBBORN" &)' &)
      done; sh -c "$PLAIN"`,
    pids: 16,
    needs: "setsid",
  },
];

async function isThere(program: string): Promise<boolean> {
  const probe = new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" });
  return (await probe.output()).success;
}

async function readPids(workspace: Workspace, count: number): Promise<number[]> {
  const read = async () =>
    (await Deno.readTextFile(workspace.path("pids")).catch(() => "")).split("\n").filter((line) =>
      line !== ""
    );
  const lines = await until(async () => {
    const lines = await read();
    return lines.length >= count ? lines : null;
  }, { what: `${count} PIDs` });
  return lines.map(Number);
}

for (const { name, script, pids: count, needs } of shapes) {
  const ignore = needs !== undefined && !await isThere(needs);
  Deno.test({ name: `${name}: gone when stop returns`, ignore }, async () => {
    const rounds = times({ full: 10, ci: 1 });
    await using workspace = await Workspace.create();
    await workspace.serve();
    await using stranger = new Stranger(workspace);
    for (let round = 0; round < rounds; round++) {
      const start = ["start", "--label", "it", "sh", "-c", script];
      const { pid } = await workspace.runJson(start, { env: { STUBBORN, PLAIN } });
      const pids = await readPids(workspace, count);
      const { survivors } = await workspace.runJson(["stop", "--grace", "0.3", "--label", "it"]);
      assertEquals(survivors, []);
      for (const member of [pid, ...pids]) assertEquals(await processState(member), null, script);
      assert(await stranger.isAlive());
      await Deno.remove(workspace.path("pids"));
    }
    await tell({ fault: `2 ${name}`, times: rounds });
  });
}

Deno.test("PostgreSQL with all its workers: gone when stop returns, and its port free", async () => {
  await using workspace = await Workspace.create();
  const port = freePort();
  const cluster = await makeCluster(workspace, port);
  if ("missing" in cluster) {
    await tell({ fault: "2 PostgreSQL", times: 0, note: `skipped: ${cluster.missing}` });
    return;
  }
  await workspace.serve();
  const rounds = times({ full: 10, ci: 2 });
  let members = 0;
  for (let round = 0; round < rounds; round++) {
    // The last one is killed without mercy, workers and all.
    const force = round === rounds - 1 ? ["--force"] : [];
    await workspace.runJson(["start", "--label", "db", ...cluster.command]);
    const ready = async () => {
      const [db] = (await workspace.runJson(["list", "--running"])).processes;
      if (!db) throw new Error((await workspace.run(["output", "--label", "db"])).stdout);
      const listens = db.ports.some((listening: { port: number }) => listening.port === port);
      // Postmaster, checkpointer, background writer, WAL writer, launchers.
      return listens && db.process_count >= 6 ? db : null;
    };
    const db = await until(ready, { what: "PostgreSQL and its workers", timeout: 60_000 });
    const workers = await children(db.pid);
    assert(workers.length >= 5, `workers: ${workers}`);
    members += workers.length + 1;
    const { survivors } = await workspace.runJson(["stop", ...force, "--label", "db"]);
    assertEquals(survivors, []);
    for (const pid of [db.pid, ...workers]) assertEquals(await processState(pid), null);
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    // What a server that was killed leaves would keep the next one from starting.
    if (force.length > 0) {
      await Deno.remove(workspace.path("cluster/postmaster.pid")).catch(() => {});
    }
  }
  await tell({ fault: "2 PostgreSQL", times: rounds, note: `${members} processes gone` });
});

async function children(parent: number): Promise<number[]> {
  return (await outputOf("ps", "-eo", "pid=,ppid=")).split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number))
    .flatMap(([pid, of]) => pid !== undefined && of === parent ? [pid] : []);
}

Deno.test("a recycled PID in the state: its process is not signalled, whatever is done", async () => {
  const rounds = times({ full: 10, ci: 2 });
  await using workspace = await Workspace.create();
  const list = async () => (await workspace.processes());
  for (let round = 0; round < rounds; round++) {
    const label = `it-${round}`;
    let server = await workspace.serve();
    const start = ["start", "--label", label, "sleep", "4242"];
    const { pid, log_stdout } = await workspace.runJson(start);
    server.kill("SIGKILL");
    await server.end();
    await using stranger = new Stranger(workspace);
    await giveAway(log_stdout, pid, stranger.pid);

    server = await workspace.serve();
    const [found] = (await list()).filter((process: { label: string }) => process.label === label);
    assertEquals([found.pid, found.status], [stranger.pid, "exited"]);
    for (const action of ["stop", "stop --force"]) {
      const [verb = "", ...options] = action.split(" ");
      const answer = await workspace.run([verb, ...options, "--label", label]);
      assertEquals(answer.code, 1, answer.stdout);
      assertStringIncludes(answer.stderr, "is not running");
    }
    const restarted = await workspace.runJson(["restart", "--label", label]);
    assertNotEquals(restarted.pid, stranger.pid);
    await workspace.runJson(["stop", "--label", label]);
    // So many others end that it is forgotten.
    for (let n = 0; n < 11; n++) await workspace.run(["run", "--label", `${label}-${n}`, "true"]);
    assertEquals(
      (await list()).some((process: { label: string }) => process.label === label),
      false,
    );
    assertEquals((await workspace.run(["shutdown"])).code, 0);
    await server.end();
    assert(await stranger.isAlive());
  }
  await tell({ fault: "3 a recycled PID", times: rounds, note: "no stranger signalled" });
});

/** Ends a run that has no server, and gives its PID and group to somebody else. */
async function giveAway(log: string, pid: number, stranger: number): Promise<void> {
  const path = log.replace(/\d+\/stdout\.log$/, "process.json");
  const record = JSON.parse(await Deno.readTextFile(path));
  const run = record.runs.at(-1);
  assertEquals(run.pid, pid);
  Deno.kill(-run.group, "SIGKILL");
  await until(async () => await processState(pid) === null, { what: `the end of ${pid}` });
  run.pid = stranger;
  run.group = stranger;
  await Deno.writeTextFile(path, JSON.stringify(record));
}
