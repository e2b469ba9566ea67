/** `persistproc run`: it feels like the program itself. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { COUNTER } from "../support/counter.ts";
import { Workspace } from "../support/workspace.ts";

const serving = () => Workspace.serving({ "counter.sh": COUNTER });

Deno.test("F126 F127 the output, the streams and the exit status are the program's", async () => {
  await using workspace = await Workspace.serving();
  const { code, stdout, stderr } = await workspace.run([
    ...["run", "sh", "-c", 'echo a; echo b >&2; printf "c\\0\\377"; exit 3'],
  ]);
  assertEquals(code, 3);
  assertEquals(stdout, "a\nc\0\ufffd");
  assertEquals(stderr, "b\n");
});

Deno.test("F127 a signal that ends the program is the status 128 + n", async () => {
  await using workspace = await Workspace.serving();
  const { code } = await workspace.run(["sh", "-c", "kill -KILL $$"]);
  assertEquals(code, 137);
});

Deno.test("F128 spaces in arguments are kept", async () => {
  await using workspace = await Workspace.serving();
  const one = await workspace.run(["run", "--", "bash", "-c", 'echo "x  y" && echo z']);
  assertEquals(one.stdout, "x  y\nz\n");
  const text = await workspace.run(["run", "echo a && echo 'b  c'"]);
  assertEquals(text.stdout, "a\nb  c\n");
});

Deno.test("F132 nothing is lost of what is printed just before the end", async () => {
  await using workspace = await Workspace.serving();
  const { code, stdout } = await workspace.run(["seq", "1", "200000"]);
  assertEquals(code, 0);
  assertEquals(stdout.length, 1_288_895);
  assert(stdout.startsWith("1\n2\n") && stdout.endsWith("\n199999\n200000\n"));
});

Deno.test("K124 K125 what cannot be started says so and exits with 1", async () => {
  await using workspace = await Workspace.serving();
  const unknown = await workspace.run(["run", "no-such-program-here"]);
  assertEquals([unknown.code, unknown.stdout], [1, ""]);
  assertStringIncludes(unknown.stderr, "no-such-program-here");
  await workspace.run(["start", "--label", "web", "sleep", "100"]);
  const taken = await workspace.run(["run", "--label", "web", "sleep", "101"]);
  assertEquals(taken.code, 1);
  assertStringIncludes(taken.stderr, "web");
});

Deno.test("K123 --raw puts time and stream in front of each line", async () => {
  await using workspace = await Workspace.serving();
  const { stdout, stderr, code } = await workspace.run([
    ...["run", "--raw", "sh", "-c", "echo a; echo b >&2; printf c"],
  ]);
  assertEquals(code, 0);
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  assertMatch(stdout, new RegExp(`^${time} stdout a\n${time} stdout c\n$`));
  assertMatch(stderr, new RegExp(`^${time} stderr b\n$`));
});

Deno.test("a reader that goes away ends the viewer quietly", async () => {
  await using workspace = await serving();
  const command = `"$@" | head -n 2; echo "\${PIPESTATUS[0]}"`;
  await using viewer = workspace.spawnCommand([
    ...["bash", "-c", command, "bash", ...workspace.command(["sh", "counter.sh"])],
  ]);
  const { stdout, stderr } = await viewer.end();
  assertEquals(stdout, "line 1\nline 2\n141\n");
  assertEquals(stderr, "");
  assertEquals((await workspace.processes())[0].status, "running");
});

Deno.test("closed standard descriptors are no trouble", async () => {
  await using workspace = await Workspace.serving();
  const run = (redirection: string) =>
    workspace.spawnCommand([
      ...["bash", "-c", `"$@" ${redirection}; echo "status $?"`, "bash"],
      ...workspace.command(["sh", "-c", "echo out; echo err >&2; exit 4"]),
    ]).end();
  assertStringIncludes((await run("<&-")).stdout, "status 4");
  assertStringIncludes((await run(">&-")).stdout, "status 4");
  assertStringIncludes((await run("2>&-")).stdout, "status 4");
});

Deno.test("--stdin gives the program a file, nothing, or all of the command's input", async () => {
  await using workspace = await Workspace.serving();
  await workspace.write("input.txt", "b\na\n");
  const run = async (source: string, stdin?: string) =>
    (await workspace.run(["run", "--stdin", source, "sort"], { stdin })).stdout;
  assertEquals(await run("input.txt"), "a\nb\n");
  assertEquals(await run("-", "d\nc\n"), "c\nd\n");
  const copies = async () =>
    (await Array.fromAsync(Deno.readDir(join(workspace.dataDirectory, "input")))).length;
  assertEquals(await run("-", "f\ne\n"), "e\nf\n");
  assertEquals(await copies(), 1, "a copy is there for the next restart only");
  assertEquals(await run("null"), "");
  assertEquals(await copies(), 0);
  await workspace.run(["start", "sleep", "100"]);
  await workspace.run(["start", "--stdin", "-", "sleep", "100"], { stdin: "unread" });
  await workspace.run(["start", "--stdin", "-", "no-such-program-here"], { stdin: "unread" });
  assertEquals(await copies(), 0);
  const missing = await workspace.run(["run", "--stdin", "missing.txt", "sort"]);
  assertEquals(missing.code, 2);
  // Longer than a file may be (setrlimit(2), RLIMIT_FSIZE), it is not copied.
  const limited = `trap '' XFSZ; ulimit -f 200; exec "$@" run --stdin - sort`;
  await using copying = workspace.spawnCommand(
    ["sh", "-c", limited, "sh", ...workspace.command([])],
    { stdin: "x".repeat(1_000_000) },
  );
  assertEquals((await copying.end()).code, 1);
  assertEquals(await copies(), 0, "a part of the input is for nobody");
});
