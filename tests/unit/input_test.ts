import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../lib/supervisor/core.ts";
import { logText } from "../support/log_files.ts";
import { Bench } from "../support/supervisor.ts";
import { refused } from "../support/refused.ts";
import { until } from "../support/until.ts";

const input = (bench: Bench, pid: number | null, what: { text?: string; data?: string }) =>
  bench.supervisor.ctrl({ action: "input", pid: pid ?? undefined, ...what }, { name: "terminal" });

Deno.test("a program reads what is written to it, line by line and byte by byte", async () => {
  await using bench = await Bench.create();
  const program = await bench.sh('while read -r line; do echo "got $line"; done');
  await input(bench, program.pid, { text: "one" });
  await input(bench, program.pid, { text: "two\n" });
  await input(bench, program.pid, { data: btoa("thr") });
  await input(bench, program.pid, { data: btoa("ee\n") });
  await bench.printed(program, "got three");
  assertEquals(await Deno.readTextFile(program.log_stdout), "got one\ngot two\ngot three\n");
});

Deno.test("inputs of several callers are not mixed", async () => {
  const begun = Date.now();
  // However slow the program is, nobody loses patience.
  await using bench = await Bench.create({ clock: { ...systemClock, now: () => begun } });
  const program = await bench.start(["cat"]);
  const lines = Array.from({ length: 8 }, (_, n) => String(n).repeat(20_000));
  await Promise.all(lines.map((text) => input(bench, program.pid, { text })));
  const written = () => logText(program.log_stdout);
  await until(async () => (await written()).length === 8 * 20_001, { what: "all of the input" });
  assertEquals((await written()).trim().split("\n").sort(), lines);
});

Deno.test("a program that does not read is told of, and holds nobody up", async () => {
  await using bench = await Bench.create();
  const program = await bench.start(["sleep", "1000"]);
  const full = refused(
    () => input(bench, program.pid, { text: "x".repeat(200_000) }),
    "does not read its input",
    "65536 bytes",
  );
  assertEquals((await bench.supervisor.list({}))[0]?.status, "running");
  assertEquals((await full).code, "input_full");
});

Deno.test("input that nobody could read is refused", async () => {
  await using bench = await Bench.create();
  const deaf = await bench.start(["sleep", "1000"], { stdin: { kind: "null" } });
  await refused(() => input(bench, deaf.pid, { text: "x" }), "reads /dev/null");
  const ended = await bench.start(["true"]);
  await bench.ended(ended);
  await refused(() => input(bench, ended.pid, { text: "x" }), "is not running");
  const error = await refused(() => input(bench, deaf.pid, {}), "text must be provided");
  assertStringIncludes(error.hint ?? "", "line");
});
