import { assert, assertEquals, assertThrows } from "@std/assert";
import { describeError, PersistprocError } from "../../lib/protocol/errors.ts";
import type { Target } from "../../lib/protocol/requests.ts";
import type { ProcessRecord } from "../../lib/supervisor/record.ts";
import { ManagedProcess, Registry } from "../../lib/supervisor/registry.ts";
import { resolveTarget } from "../../lib/supervisor/targets.ts";
import { processRecord, runRecord } from "../support/records.ts";

function registryOf(...facts: Partial<ProcessRecord>[]): Registry {
  const registry = new Registry();
  for (const fact of facts) registry.add(new ManagedProcess(processRecord(fact)));
  return registry;
}

function refused(registry: Registry, target: Target): PersistprocError {
  return assertThrows(() => resolveTarget(registry, target), PersistprocError);
}

const found = (registry: Registry, target: Target, directory?: string) =>
  resolveTarget(registry, target, { preferredDirectory: directory }).process.record.id;

const ended = (pid: number) => [runRecord({ pid, status: "exited", ended_at: 2_000 })];
const live = (pid: number) => [runRecord({ pid })];

Deno.test("a PID, a label, a command line and an argument list name the same process", () => {
  const registry = registryOf(
    { id: "a", label: "api", command: ["npm", "run", "dev"], runs: live(11) },
    { id: "b", label: "web", command: ["echo", "a b"], runs: live(12) },
  );
  const targets: [Target, string][] = [
    [{ pid: 11 }, "a"],
    [{ label: "api" }, "a"],
    [{ command_or_label: "api" }, "a"],
    [{ command_or_label: "npm run dev" }, "a"],
    [{ command_or_label: "npm  run 'dev'" }, "a"],
    [{ command: ["npm", "run", "dev"] }, "a"],
    [{ command_or_label: "echo 'a b'" }, "b"],
    [{ command: ["echo", "a b"] }, "b"],
    [{ pid: 12, label: "api" }, "b"],
  ];
  for (const [target, id] of targets) assertEquals(found(registry, target), id);
});

Deno.test("a label wins over a command that reads the same", () => {
  const registry = registryOf(
    { id: "a", label: "x", command: ["make"] },
    { id: "b", label: "make", command: ["cmake"] },
  );
  assertEquals(found(registry, { command_or_label: "make" }), "b");
  assertEquals(found(registry, { command: ["make"] }), "a");
});

Deno.test("a command that needed a shell is found as it was written", () => {
  const written = "npm run dev | tee log";
  const registry = registryOf({ id: "a", label: "x", command: ["sh", "-c", written], written });
  assertEquals(found(registry, { command_or_label: written }), "a");
  assertEquals(found(registry, { command: ["sh", "-c", written] }), "a");
});

Deno.test("ended processes are found too, running ones first", () => {
  const command = ["make"];
  const one = { id: "a", label: "x", command, runs: ended(11) };
  assertEquals(found(registryOf(one), { command_or_label: "make" }), "a");
  assertEquals(found(registryOf(one), { command_or_label: "x" }), "a");
  const both = registryOf(one, { id: "b", label: "y", command, runs: live(12) });
  assertEquals(found(both, { command_or_label: "make" }), "b");
  assertEquals(found(both, { command_or_label: "x" }), "a");
});

Deno.test("F113 an old PID names its run", () => {
  const registry = registryOf({
    id: "a",
    runs: [
      ...ended(11),
      runRecord({ number: 2, pid: 12 }),
    ],
  });
  assertEquals(resolveTarget(registry, { pid: 11 }).run.number, 1);
  assertEquals(resolveTarget(registry, { pid: 12 }).run.number, 2);
  assertEquals(resolveTarget(registry, { command_or_label: "npm run dev" }).run.number, 2);
});

Deno.test("several that match are told apart by the directory, else it is an error", () => {
  const command = ["make"];
  const registry = registryOf(
    { id: "a", label: "x", command, working_directory: "/a", runs: live(11) },
    { id: "b", label: "y", command, working_directory: "/b", runs: live(12) },
  );
  assertEquals(found(registry, { command_or_label: "make", working_directory: "/b" }), "b");
  assertEquals(found(registry, { command_or_label: "make" }, "/a"), "a");
  const error = refused(registry, { command_or_label: "make" });
  assertEquals(error.code, "ambiguous");
  assert(error.message.includes("Multiple processes found"));
  assertEquals(
    error.candidates?.map(({ pid, label, working_directory }) => [pid, label, working_directory]),
    [[11, "x", "/a"], [12, "y", "/b"]],
  );
  assert(error.hint);
});

Deno.test("of two with one command, that is meant which a start would mean: the unlabelled", () => {
  const command = ["./tick.sh"];
  const labelled = { id: "l", label: "tick", label_given: true, command };
  const both = registryOf({ ...labelled, runs: live(11) }, { id: "p", command, runs: live(12) });
  assertEquals(found(both, { command_or_label: "./tick.sh" }), "p");
  assertEquals(found(both, { command }), "p");
  const meant = both.find({ command, written: null, workingDirectory: "/work", label: null });
  assertEquals(meant?.record.id, "p");
  const ran = registryOf({ ...labelled, runs: live(11) }, { id: "p", command, runs: ended(12) });
  assertEquals(found(ran, { command }), "l");
  // Where a start would have to be told the directory, so has this.
  const apart = registryOf(
    { ...labelled, runs: live(11) },
    { id: "p", command, working_directory: "/other", runs: live(12) },
  );
  assertEquals(refused(apart, { command }).code, "ambiguous");
});

Deno.test("an error shows the beginning of a target that is long", () => {
  const long = "x".repeat(100_000);
  const registry = registryOf(
    { id: "a", label: "a", label_given: true, command: [long], runs: live(11) },
    { id: "b", label: "b", label_given: true, command: [long], runs: live(12) },
  );
  const targets: Target[] = [
    { command_or_label: long },
    { command: [long] },
    { command_or_label: `y${long}` },
    { label: long },
  ];
  for (const target of targets) {
    const { length } = describeError(refused(registry, target));
    assertEquals(length < 1_000, true, `${length} characters`);
  }
});

Deno.test("nothing named, nothing found: each is an error that says what to do", () => {
  const registry = registryOf({ id: "a", label: "api", runs: live(11) });
  const cases: [Target, string, PersistprocError["code"]][] = [
    [{}, "must be provided", "invalid_request"],
    [{ working_directory: "/work" }, "must be provided", "invalid_request"],
    [{ pid: 9_999 }, "not found", "not_found"],
    [{ label: "web" }, "No running process found", "not_found"],
    [{ command_or_label: "web" }, "No running process found", "not_found"],
    [{ command: ["web"] }, "No running process found", "not_found"],
    [
      { command_or_label: "npm run dev", working_directory: "/x" },
      "No running process",
      "not_found",
    ],
    // A label may hold an apostrophe, which is no reason to speak of quotes.
    [{ command_or_label: "bob's server" }, "No running process found", "not_found"],
  ];
  for (const [target, words, code] of cases) {
    const error = refused(registry, target);
    assertEquals([error.code, error.message.includes(words)], [code, true], error.message);
    assert(error.hint);
    assertEquals(error.candidates?.map(({ label }) => label), ["api"]);
  }
});

Deno.test("an error names at most five candidates, running ones first, and says how many more", () => {
  const registry = registryOf(
    ...Array.from({ length: 20 }, (_, i) => ({
      id: `p${i}`,
      label: `process ${i}`,
      runs: i === 19 ? live(i + 1) : ended(i + 1),
    })),
  );
  const { candidates, hint } = refused(registry, { label: "none" });
  assertEquals(candidates?.length, 5);
  assertEquals(candidates?.[0]?.label, "process 19");
  assertEquals(candidates?.[1]?.pid, null, "the PID of an ended process is nobody's");
  assertEquals(hint, "And 15 more: `list`. Name one by its pid or its label.");
});

Deno.test("what was mistyped is suggested first, before what runs", () => {
  const registry = registryOf(
    ...["api", "db", "mail", "queue", "proxy"].map((label, i) => ({
      id: label,
      label,
      command: [label],
      runs: live(100 + i),
    })),
    { id: "w", label: "web", command: ["npm", "run", "dev"], runs: ended(11) },
    { id: "v", label: "vite in /work", command: ["vite"], runs: live(4711) },
  );
  const first = (target: Target) => refused(registry, target).candidates?.[0]?.label;
  assertEquals(first({ command_or_label: "wbe" }), "web");
  assertEquals(first({ label: "que" }), "queue");
  assertEquals(first({ command_or_label: "npm run dve" }), "web");
  assertEquals(first({ command_or_label: "vtie" }), "vite in /work");
  assertEquals(first({ pid: 4712 }), "vite in /work");
});

Deno.test("for what needs a running process, no ended one is suggested", () => {
  const refusedStop = (registry: Registry) =>
    assertThrows(
      () => resolveTarget(registry, { label: "wbe" }, { suggestsEnded: false }),
      PersistprocError,
    );
  const web = { id: "w", label: "web", runs: ended(11) };
  const running = refusedStop(registryOf(web, { id: "a", label: "api", runs: live(12) }));
  assertEquals(running.candidates?.map(({ label }) => label), ["api"]);
  const nothing = refusedStop(registryOf(web));
  assertEquals([nothing.candidates, nothing.hint], [[], "Nothing is running."]);
});

Deno.test("a PID is asked for only where there is one", () => {
  const { hint } = refused(registryOf({ id: "w", runs: ended(11) }), { label: "none" });
  assertEquals(hint, "Name one by its label.");
});

Deno.test("a candidate is described once, whether its label is made of its command or chosen", () => {
  const command = ["python3", "-m", "http.server"];
  const made = "python3 -m http.server in /work";
  const place = { command, working_directory: "/work" };
  const registry = registryOf(
    { id: "a", label: made, ...place, runs: live(11) },
    { id: "b", label: `${made} (2)`, ...place, runs: live(12) },
    { id: "c", label: "web", ...place, runs: ended(13) },
    { id: "d", label: "long", command: ["x".repeat(5_000)], runs: ended(14) },
  );
  const lines = describeError(refused(registry, { label: "none" })).split("\n");
  assertEquals(lines.slice(1, 4), [
    `  PID 11 ${made} (running)`,
    `  PID 12 ${made} (2) (running)`,
    `  web (exited): ${made}`,
  ]);
  assertEquals((lines[4] ?? "").length < 300, true, "a long command is cut");
});
