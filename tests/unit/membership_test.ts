import { assertEquals } from "@std/assert";
import {
  type Members,
  membersByRun,
  MemberScanner,
  type RunSigns,
} from "../../lib/supervisor/membership.ts";
import type { ProcessEntry, ProcessTable } from "../../lib/system/process_table.ts";

const SERVER = 1_000;

function entry(pid: number, facts: Partial<ProcessEntry> = {}): ProcessEntry {
  const base = {
    parent: 1,
    group: pid,
    session: pid,
    zombie: false,
    command: "x",
    cpu: 0,
    memory: 0,
    stopped: false,
    ignoresTerm: false,
    catchesTerm: false,
  };
  return { pid, started: String(pid * 10), ...base, ...facts };
}

function signs(run: string, facts: Partial<RunSigns> = {}): RunSigns {
  return { run, group: null, known: new Map(), ...facts };
}

function pids(members: Members, run: string): number[] {
  return (members.get(run) ?? []).map(({ pid }) => pid);
}

Deno.test("membersByRun() unites mark, group, session and descent", () => {
  const entries = [
    entry(10, { group: 10, session: 10 }), // the keeper, marked
    entry(11, { group: 10, session: 10, parent: 10 }), // the program
    entry(12, { group: 12, session: 10, parent: 1 }), // a job of a shell: own group, same session
    entry(13, { group: 10, session: 10, parent: 1 }), // an orphan in the group
    entry(14, { group: 14, session: 14, parent: 11 }), // a worker with a session of its own
    entry(15, { group: 15, session: 15, parent: 14 }), // and its child
    entry(16, { group: 16, session: 16, parent: 1 }), // a daemon that kept the mark
    entry(17, { parent: 1 }), // a stranger
  ];
  const marks = new Map([[10, "a-1"], [16, "a-1"]]);
  const members = membersByRun(entries, marks, [signs("a-1", { group: 10 })], SERVER);
  assertEquals(pids(members, "a-1"), [10, 11, 12, 13, 14, 15, 16]);
});

Deno.test("membersByRun() knows who was a member before, by PID and start time", () => {
  const known = new Map([[20, { started: "200" }], [21, { started: "1" }]]);
  const members = membersByRun(
    [entry(20), entry(21)],
    new Map(),
    [signs("a-1", { known })],
    SERVER,
  );
  assertEquals(pids(members, "a-1"), [20]);
});

Deno.test("membersByRun() takes no process from a group whose number was given to another", () => {
  const entries = [entry(10, { group: 10, session: 10 }), entry(11, { group: 10, session: 10 })];
  const members = membersByRun(entries, new Map(), [signs("a-1", { group: 10 })], SERVER);
  assertEquals(pids(members, "a-1"), []);
});

Deno.test("membersByRun() leaves out zombies, the server, and what descends from it alone", () => {
  const entries = [
    entry(10, { group: 10 }),
    entry(11, { group: 10, zombie: true }),
    entry(SERVER, { parent: 10 }),
    entry(30, { parent: SERVER }),
  ];
  const members = membersByRun(
    entries,
    new Map([[10, "a-1"]]),
    [signs("a-1", { group: 10 })],
    SERVER,
  );
  assertEquals(pids(members, "a-1"), [10]);
});

Deno.test("membersByRun() never counts a member of another run, known or unknown to it", () => {
  const entries = [
    entry(10, { group: 10 }),
    entry(20, { group: 20, parent: 10 }), // another run's keeper, started from inside the first
    entry(21, { group: 20, parent: 20 }),
    entry(30, { group: 30, parent: 10 }), // of a run of another server
  ];
  const marks = new Map([[10, "a-1"], [20, "b-1"], [30, "z-9"]]);
  const runs = [signs("a-1", { group: 10 }), signs("b-1", { group: 20 })];
  const members = membersByRun(entries, marks, runs, SERVER);
  assertEquals(pids(members, "a-1"), [10]);
  assertEquals(pids(members, "b-1"), [20, 21]);
});

Deno.test("MemberScanner reads the process table once for all that ask at one time", async () => {
  let scans = 0;
  const gate = Promise.withResolvers<void>();
  const table = {
    scan: async () => {
      scans++;
      if (scans === 1) await gate.promise;
      return { entries: [entry(10)], marks: new Map([[10, "a-1"]]) };
    },
  } as Partial<ProcessTable> as ProcessTable;
  const scanner = new MemberScanner(table, { runs: () => [signs("a-1")], seen: () => {} });
  const first = scanner.look();
  await Promise.resolve();
  await Promise.resolve();
  const later = Array.from({ length: 200 }, () => scanner.look());
  gate.resolve();
  for (const members of await Promise.all([first, ...later])) {
    assertEquals(pids(members, "a-1"), [10]);
  }
  assertEquals(scans, 2);
});
