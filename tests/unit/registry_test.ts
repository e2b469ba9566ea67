import { assert, assertEquals, assertThrows } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { type Identity, ManagedProcess, Registry } from "../../lib/supervisor/registry.ts";
import type { ProcessEntry } from "../../lib/system/process_table.ts";
import { processRecord, runRecord } from "../support/records.ts";

const identity = (facts: Partial<Identity> = {}): Identity => ({
  command: ["npm", "run", "dev"],
  written: null,
  workingDirectory: "/work",
  label: null,
  ...facts,
});

/** Claims, and gives a new process its first run. */
function claim(
  registry: Registry,
  facts: Partial<Identity> = {},
  run: Parameters<typeof runRecord>[0] = {},
): ManagedProcess {
  const asked = identity(facts);
  const process = registry.claim(asked, (label) =>
    processRecord({
      label,
      label_given: asked.label !== null,
      command: asked.command,
      working_directory: asked.workingDirectory,
      runs: [],
    }));
  if (process.record.runs.length === 0) process.record.runs.push(runRecord(run));
  return process;
}

const ended = { status: "exited", ended_at: 2_000 } as const;

Deno.test("the same command in the same directory is the same process, running or not", () => {
  for (const run of [{}, ended]) {
    const registry = new Registry();
    const first = claim(registry, {}, run);
    assertEquals(claim(registry), first);
    assertEquals(first.record.label, "npm run dev in /work");
  }
});

Deno.test("F93 another command, directory or label is another process", () => {
  const registry = new Registry();
  const all = [
    claim(registry),
    claim(registry, { command: ["npm", "run", "dev", ""] }),
    claim(registry, { command: ["npm run dev"] }),
    claim(registry, { workingDirectory: "/srv/a" }),
    claim(registry, { label: "api" }),
    claim(registry, { label: "web" }),
  ];
  assertEquals(new Set(all).size, all.length);
  assertEquals(registry.all(), all);
  assertEquals(claim(registry, { label: "api" }), all[4]);
});

Deno.test("without a label, the one that runs is meant, then the one nobody labelled", () => {
  const registry = new Registry();
  const plain = claim(registry, {}, ended);
  const labelled = claim(registry, { label: "api" });
  assertEquals(claim(registry), labelled, "running before ended");
  Object.assign(labelled.record.runs[0] ?? {}, ended);
  assertEquals(claim(registry), plain, "unlabelled before labelled");
});

Deno.test("a label of a running process cannot be taken, and the error names its holder", () => {
  const registry = new Registry();
  const holder = claim(registry, { label: "api" }, { pid: 321 });
  const error = assertThrows(
    () => claim(registry, { command: ["other"], label: "api" }),
    PersistprocError,
  );
  assertEquals(error.code, "label_taken");
  for (const words of ['"api"', "already running", "321", "npm run dev", "/work"]) {
    assert(error.message.includes(words), `${words} in ${error.message}`);
  }
  assertEquals(registry.all(), [holder]);
  assertEquals(registry.byLabel("api"), holder);
});

Deno.test("an error that names a holder shows the beginning of its command", () => {
  const registry = new Registry();
  claim(registry, { command: ["x".repeat(100_000)], label: "api" }, { pid: 321 });
  const { message } = assertThrows(() => claim(registry, { label: "api" }), PersistprocError);
  assert(message.length < 400, `${message.length} characters`);
});

Deno.test("a label of an ended process goes to who asks for it, and it gets its own again", () => {
  const registry = new Registry();
  const before = claim(registry, { label: "api" }, ended);
  const after = claim(registry, { command: ["other"], label: "api" });
  assertEquals(registry.byLabel("api"), after);
  assertEquals(before.record.label, "npm run dev in /work");
  assertEquals(before.record.label_given, false);
});

Deno.test("a label of a process that is about to start again is not taken away", async () => {
  const registry = new Registry();
  const holder = claim(registry, { label: "api" }, ended);
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = holder.enqueueStart(() => promise, () => {});
  assertThrows(() => claim(registry, { command: ["other"], label: "api" }), PersistprocError);
  resolve();
  await start;
  assertEquals(holder.record.label, "api");
});

Deno.test("no two processes ever have the same label", () => {
  const registry = new Registry();
  const wanted = "npm run dev in /work";
  claim(registry, { command: ["other"], label: wanted });
  claim(registry, {}, ended);
  claim(registry, { command: ["x"], label: `${wanted} (2)` }, ended);
  const labels = registry.all().map(({ record }) => record.label);
  assertEquals(new Set(labels).size, labels.length, labels.join());
});

Deno.test("a PID names the run under way before an older one, else the newest", () => {
  const registry = new Registry();
  const first = claim(registry, {}, { ...ended, pid: 5, started_at: 1_000 });
  const second = claim(registry, { label: "b" }, { ...ended, pid: 5, started_at: 3_000 });
  assertEquals(registry.byPid(5)?.process, second);
  first.record.runs.push(runRecord({ number: 2, pid: 5, started_at: 2_000 }));
  assertEquals(registry.byPid(5)?.run, first.record.runs[1]);
  assertEquals(registry.byPid(6), undefined);
});

Deno.test("the surplus is of ended processes only, and of those the oldest", async () => {
  const registry = new Registry();
  const running = claim(registry, { label: "r" }, { started_at: 0 });
  const [a, b, c, d] = [10, 40, 20, 30].map((ended_at) =>
    claim(registry, { label: `e${ended_at}` }, { ...ended, ended_at })
  );
  assertEquals(registry.surplus(2), [c, a]);
  assertEquals(registry.surplus(4), []);
  assertEquals(registry.surplus(0), [b, d, c, a]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = a?.enqueueStart(() => promise, () => {});
  assertEquals(registry.surplus(0).includes(a ?? running), false, "one that starts again");
  resolve();
  await start;
});

Deno.test("starts of one process run one after the other, whatever becomes of them", async () => {
  const process = new ManagedProcess(processRecord({}));
  const order: string[] = [];
  const step = (name: string, fails = false) =>
    process.enqueueStart(async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    }, () => order.push(`${name} settled, ${process.startExpected}`)).catch(() => {});
  await Promise.all([step("a"), step("b", true), step("c")]);
  assertEquals(order.filter((line) => !line.includes("settled")), [
    "a begins",
    "a ends",
    "b begins",
    "b ends",
    "c begins",
    "c ends",
  ]);
  assertEquals(order.filter((line) => line.includes("settled")), [
    "a settled, true",
    "b settled, true",
    "c settled, false",
  ]);
});

Deno.test("a keeper that is about to end is nobody who was left behind", () => {
  const process = claim(new Registry(), {}, { ...ended, group: 10 });
  const member = (pid: number) => [pid, {} as ProcessEntry] as const;
  process.members = new Map([member(10)]);
  assertEquals(process.leftBehind, false);
  process.members = new Map([member(10), member(11)]);
  assertEquals(process.leftBehind, true);
});
