/** The limit of logs, as users set it and see it. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

Deno.test("a flood above PERSISTPROC_LOG_LIMIT is cut, and commands and tools say what is gone", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: "256K" } });
  const flood = ["sh", "-c", "seq 1 200000; exec sleep 1000"];
  const { log_stdout } = await workspace.runJson(["start", "--label", "flood", ...flood]);
  // Neither before all is written, nor in the instant in which the log has another name.
  const onDisk = async () => {
    const { size, blocks } = await Deno.stat(log_stdout).catch(() => ({ size: 0, blocks: 0 }));
    return size === 1_288_895 ? (blocks ?? 0) * 512 : Infinity;
  };
  await until(async () => await onDisk() < 340 * 1024, { what: "a flood that is cut" });

  const all = await workspace.run(["output", "--lines", "1000000", "--label", "flood"]);
  const lines = all.stdout.trimEnd().split("\n").map(Number);
  assertEquals(lines.at(-1), 200_000);
  assertEquals(lines, lines.map((_, at) => (lines[0] ?? NaN) + at));
  const gone = 1_288_895 - all.stdout.length;
  assertStringIncludes(all.stderr, `${gone} bytes before this are no longer kept`);
  assertMatch(all.stderr, new RegExp(`missed_bytes[ :=]*${gone}`));

  const again = await workspace.run(["start", "--label", "flood", ...flood]);
  assertMatch(again.stdout, /^Stdout log: .*grep -a/m);
  assertMatch(again.stdout, /^Stderr log: \S+$/m);

  const agent = await workspace.agent();
  const { text } = await agent.call("output", {
    command_or_label: "flood",
    lines: null,
    grep: "^200000$",
  });
  assertStringIncludes(text, `missed_bytes`);
});
