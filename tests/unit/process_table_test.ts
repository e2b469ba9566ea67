import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { parseStat } from "../../lib/system/proc_table.ts";
import { commandLines } from "../../lib/system/process_facts.ts";
import { systemProcessTable } from "../../lib/system/process_table.ts";
import { parsePs } from "../../lib/system/ps_table.ts";
import { until } from "../support/until.ts";

/** A line of `/proc/PID/stat`. */
function stat(fields: { pid: number; comm: string; state?: string; started?: string }): string {
  const { pid, comm, state = "S", started = "98765" } = fields;
  return `${pid} (${comm}) ${state} 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 ${started} ` +
    "11673600 523 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
}

Deno.test("a process is read from its stat line", () => {
  assertEquals(parseStat(stat({ pid: 42, comm: "node" })), [{
    pid: 42,
    parent: 7,
    group: 8,
    session: 9,
    zombie: false,
    started: "98765",
    command: "node",
    cpu: 110,
    memory: 523 * 4096,
    stopped: false,
    ignoresTerm: false,
    catchesTerm: false,
  }]);
});

Deno.test("zombies, the dead and the stopped are told from what runs", () => {
  const states = [..."RSDTtIZX"].map((state) => parseStat(stat({ pid: 1, comm: "a", state }))[0]);
  assertEquals(states.map((entry) => entry?.zombie), [..."nnnnnnyy"].map((c) => c === "y"));
  assertEquals(states.map((entry) => entry?.stopped), [..."nnnyynnn"].map((c) => c === "y"));
});

Deno.test("no name of a program misleads the parser", () => {
  const evil = ["a b", "(x)", ") S 1 2 3", "a\nb", "1 (a) S 4", ")", "", " ", "((((", "\n\n", "é"];
  const name = fc.oneof(
    fc.constantFrom(...evil),
    fc.string({ unit: fc.constantFrom(..."() \n1S-a"), maxLength: 15 }),
  );
  fc.assert(fc.property(fc.array(name, { minLength: 1 }), (names) => {
    const text = names.map((comm, i) => stat({ pid: 100 + i, comm })).join("");
    const entries = parseStat(text);
    assertEquals(entries.map(({ command }) => command), names);
    assertEquals(entries.map(({ pid }) => pid), names.map((_, i) => 100 + i));
  }));
});

Deno.test("who ignores SIGTERM is told from who does not", () => {
  const line = stat({ pid: 42, comm: "bash" });
  const ignoring = line.replace(" 4096 ", " 3686404 ");
  assertEquals([line, ignoring].map((text) => parseStat(text)[0]?.ignoresTerm), [false, true]);
});

Deno.test("a stat line that was cut off is no process", () => {
  const line = stat({ pid: 42, comm: "node" });
  assertEquals(parseStat(line.slice(0, 30)), []);
  assertEquals(parseStat(""), []);
});

Deno.test("the output of ps on macOS is read", () => {
  const text = [
    "    1     0     1 Ss    12288   1:02.50 Mon Jan  5 09:12:33 2026     /sbin/launchd",
    "  501     1   501 Z+        0   0:00.00 Tue Jan 13 10:00:00 2026     (node)",
    "  777   501   501 S    204800 26:00:01.00 Tue Jan 13 10:00:01 2026     /Applications/My App (x)/run me",
    "",
  ].join("\n");
  const usage = parsePs(text).map(({ cpu, memory }) => [cpu, memory]);
  assertEquals(usage, [[62_500, 12_582_912], [0, 0], [93_601_000, 209_715_200]]);
  assertEquals(
    parsePs(text).map(({ pid, parent, group, zombie, started, command }) => [
      pid,
      parent,
      group,
      zombie,
      started,
      command,
    ]),
    [
      [1, 0, 1, false, "Mon Jan  5 09:12:33 2026", "/sbin/launchd"],
      [501, 1, 501, true, "Tue Jan 13 10:00:00 2026", "(node)"],
      [777, 501, 501, false, "Tue Jan 13 10:00:01 2026", "/Applications/My App (x)/run me"],
    ],
  );
});

Deno.test("the table of this system knows this process and nothing that does not exist", async () => {
  const table = systemProcessTable();
  const found = await table.lookup([Deno.pid, 2 ** 22 + 1]);
  assertEquals([...found.keys()], [Deno.pid]);
  const own = found.get(Deno.pid);
  assertEquals(own?.parent, Deno.ppid);
  assertNotEquals(own?.started, "");
  const { entries } = await table.scan();
  assertEquals(entries.find(({ pid }) => pid === Deno.pid)?.started, own?.started);
  assertEquals((await table.lookup([])).size, 0);
  assertEquals(await table.bootId(), await systemProcessTable().bootId());
  assertNotEquals(await table.bootId(), "");
});

Deno.test({
  name: "processes are found without grep",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  const path = Deno.env.get("PATH") ?? "";
  try {
    await Deno.symlink("/bin/cat", `${directory}/cat`);
    Deno.env.set("PATH", directory);
    const { entries } = await systemProcessTable().scan();
    assert(entries.some(({ pid }) => pid === Deno.pid));
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a process is found by its name, however odd, and by its mark", async () => {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  const program = `${directory}/a) R 1\n(b`;
  await Deno.copyFile("/bin/sleep", program);
  await Deno.chmod(program, 0o755);
  const child = new Deno.Command(program, {
    args: ["1000"],
    env: { PERSISTPROC_RUN: "test-1" },
    stdin: "null",
  }).spawn();
  try {
    const table = systemProcessTable();
    // Its mark is there a moment after its program is.
    const { entries, marks } = await until(async () => {
      const found = await table.scan();
      return found.marks.has(child.pid) ? found : null;
    }, { what: "its mark" });
    const entry = entries.find(({ pid }) => pid === child.pid);
    assertEquals(entry?.parent, Deno.pid);
    assertEquals(entry?.zombie, false);
    assert(entry?.command.startsWith("a) R 1\n(b"), entry?.command);
    assertEquals(marks.get(child.pid), "test-1");
    assert((await commandLines([child.pid])).get(child.pid)?.includes("a) R 1"));
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(directory, { recursive: true });
  }
});
