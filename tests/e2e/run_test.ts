/** `persistproc run`: it feels like the program itself. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Counts, and says goodbye when it is told to end. */
const COUNTER = `trap 'echo stopping; echo bye; exit 7' TERM
i=0
while :; do i=$((i+1)); echo "line $i"; sleep 0.05; done
`;

/** A command line that runs persistproc on a terminal of its own; what is typed comes by stdin. */
function onTerminal(args: readonly string[], program: readonly string[]): string[] {
  const quoted = [...program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return Deno.build.os === "darwin"
    ? ["script", "-q", "/dev/null", ...program, ...args]
    : ["script", "-qefc", `exec ${quoted.join(" ")}`, "/dev/null"];
}

// deno-lint-ignore no-explicit-any -- the tool's facts
async function facts(workspace: Workspace): Promise<any[]> {
  return (await workspace.runJson(["list"])).processes;
}

Deno.test("F126 F127 the output, the streams and the exit status are the program's", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { code, stdout, stderr } = await workspace.run([
    ...["run", "sh", "-c", 'echo a; echo b >&2; printf "c\\0\\377"; exit 3'],
  ]);
  assertEquals(code, 3);
  assertEquals(stdout, "a\nc\0\ufffd");
  assertEquals(stderr, "b\n");
});

Deno.test("F127 a signal that ends the program is the status 128 + n", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { code } = await workspace.run(["sh", "-c", "kill -KILL $$"]);
  assertEquals(code, 137);
});

Deno.test("F128 spaces in arguments are kept", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const one = await workspace.run(["run", "--", "bash", "-c", 'echo "x  y" && echo z']);
  assertEquals(one.stdout, "x  y\nz\n");
  const text = await workspace.run(["run", "echo a && echo 'b  c'"]);
  assertEquals(text.stdout, "a\nb  c\n");
});

Deno.test("F132 nothing is lost of what is printed just before the end", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { code, stdout } = await workspace.run(["seq", "1", "200000"]);
  assertEquals(code, 0);
  assertEquals(stdout.length, 1_288_895);
  assert(stdout.startsWith("1\n2\n") && stdout.endsWith("\n199999\n200000\n"));
});

Deno.test("K124 K125 what cannot be started says so and exits with 1", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const unknown = await workspace.run(["run", "no-such-program-here"]);
  assertEquals([unknown.code, unknown.stdout], [1, ""]);
  assertStringIncludes(unknown.stderr, "no-such-program-here");
  await workspace.run(["start", "--label", "web", "sleep", "100"]);
  const taken = await workspace.run(["run", "--label", "web", "sleep", "101"]);
  assertEquals(taken.code, 1);
  assertStringIncludes(taken.stderr, "web");
});

Deno.test("K120 F130 a second run attaches and shows the last lines once, in order", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using first = workspace.spawn(["sh", "counter.sh"]);
  await first.waitFor("line 8\n");
  await using second = workspace.spawn(["run", "--lines", "3", "sh", "counter.sh"]);
  await second.waitFor(/(line \d+\n){10}/);
  await workspace.run(["stop", "sh", "counter.sh"]);
  const [one, two] = [await first.end(), await second.end()];
  assertEquals([one.code, two.code], [7, 7]);
  assert(one.stdout.endsWith(two.stdout), "the second saw a suffix of what the first saw");
  assertEquals((await facts(workspace)).length, 1);
});

Deno.test("K121 --fresh stops what runs and starts it again", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const before = await workspace.runJson(["start", "sleep", "100"]);
  await using viewer = workspace.spawn(["run", "--fresh", "sleep", "100"]);
  const running = async () => {
    const [process] = await facts(workspace);
    return process?.status === "running" && process.pid !== before.pid && process;
  };
  const process = await until(running, { what: "the fresh run" });
  assertEquals(process.restarts, 1);
  viewer.kill("SIGTERM");
});

Deno.test("K122 every viewer follows a restart from its first byte", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using one = workspace.spawn(["sh", "counter.sh"]);
  await one.waitFor("line 3\n");
  await using two = workspace.spawn(["sh", "counter.sh"]);
  await two.waitFor("line 3\n");
  const agent = await workspace.agent();
  for (let restart = 1; restart <= 3; restart++) {
    const [{ pid }] = await facts(workspace);
    await agent.call("ctrl", { action: "restart", pid });
    for (const viewer of [one, two]) {
      await until(() => viewer.stdout.split("bye\nline 1\nline 2\n").length === restart + 1, {
        what: () => `restart ${restart} in ${viewer.describe()}`,
      });
    }
  }
  assertMatch(one.stderr, /restarted by .* \(PID \d+\)/);
  await workspace.run(["stop", "sh", "counter.sh"]);
  assertEquals((await one.end()).code, 7);
  assertEquals((await two.end()).code, 7);
});

Deno.test("K123 --raw puts time and stream in front of each line", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { stdout, stderr, code } = await workspace.run([
    ...["run", "--raw", "sh", "-c", "echo a; echo b >&2; printf c"],
  ]);
  assertEquals(code, 0);
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
  assertMatch(stdout, new RegExp(`^${time} stdout a\n${time} stdout c\n$`));
  assertMatch(stderr, new RegExp(`^${time} stderr b\n$`));
});

Deno.test("K118 SIGINT with --on-exit detach leaves the process running", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using viewer = workspace.spawn(["run", "--on-exit", "detach", "sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  assertEquals((await viewer.end()).code, 0);
  assertEquals((await facts(workspace))[0].status, "running");
});

Deno.test("K119 without a terminal nobody is asked: it detaches", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using viewer = workspace.spawn(["sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  const { code, stderr } = await viewer.end();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "detached");
});

Deno.test("K117 F129 SIGINT with --on-exit stop shows the program's last words", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using viewer = workspace.spawn(["run", "--on-exit", "stop", "sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  viewer.kill("SIGINT");
  const { code, stdout } = await viewer.end();
  assertEquals(code, 7);
  assert(stdout.endsWith("stopping\nbye\n"), stdout);
  assertEquals((await facts(workspace))[0].status, "exited");
});

Deno.test("a second SIGINT while it stops kills it", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write(
    "stubborn.sh",
    "trap 'echo no' TERM\necho up\nwhile :; do sleep 0.05; done\n",
  );
  await using viewer = workspace.spawn(["run", "--on-exit", "stop", "sh", "stubborn.sh"]);
  await viewer.waitFor("up\n");
  viewer.kill("SIGINT");
  await viewer.waitFor("no\n");
  viewer.kill("SIGINT");
  assertEquals((await viewer.end()).code, 137);
});

for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal} ends only the viewer, with ${status}`, async () => {
    await using workspace = await Workspace.create();
    await workspace.serve();
    await workspace.write("counter.sh", COUNTER);
    await using viewer = workspace.spawn(["sh", "counter.sh"]);
    await viewer.waitFor("line 2\n");
    viewer.kill(signal);
    assertEquals((await viewer.end()).code, status);
    assertEquals((await facts(workspace))[0].status, "running");
  });
}

Deno.test("a reader that goes away ends the viewer quietly", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  const { programCommand } = await import("../support/program.ts");
  const command = `"$@" | head -n 2; echo "\${PIPESTATUS[0]}"`;
  await using viewer = workspace.spawnCommand([
    ...["bash", "-c", command, "bash", ...programCommand, "sh", "counter.sh"],
  ]);
  const { stdout, stderr } = await viewer.end();
  assertEquals(stdout, "line 1\nline 2\n141\n");
  assertEquals(stderr, "");
  assertEquals((await facts(workspace))[0].status, "running");
});

Deno.test("closed standard descriptors are no trouble", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { programCommand } = await import("../support/program.ts");
  const run = (redirection: string) =>
    workspace.spawnCommand([
      ...["bash", "-c", `"$@" ${redirection}; echo "status $?"`, "bash", ...programCommand],
      ...["sh", "-c", "echo out; echo err >&2; exit 4"],
    ]).end();
  assertStringIncludes((await run("<&-")).stdout, "status 4");
  assertStringIncludes((await run(">&-")).stdout, "status 4");
  assertStringIncludes((await run("2>&-")).stdout, "status 4");
});

Deno.test("F131 the output and the exit status survive the server", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const gate = workspace.path("gate");
  await using viewer = workspace.spawn([
    ...["sh", "-c", `echo one; while ! [ -e '${gate}' ]; do sleep 0.02; done; echo two; exit 5`],
  ]);
  await viewer.waitFor("one\n");
  server.kill("SIGKILL");
  await viewer.waitFor("the server has ended", { stream: "stderr" });
  await workspace.write("gate", "");
  const { code, stdout } = await viewer.end();
  assertEquals(stdout, "one\ntwo\n");
  assertEquals(code, 5);
});

Deno.test("F131 a viewer finds the next server and follows its restarts", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  await using viewer = workspace.spawn(["sh", "counter.sh"]);
  await viewer.waitFor("line 2\n");
  server.kill("SIGKILL");
  await viewer.waitFor("the server has ended", { stream: "stderr" });
  await server.end();
  await workspace.serve();
  await viewer.waitFor("a server is back", { stream: "stderr" });
  await workspace.run(["restart", "sh", "counter.sh"]);
  await viewer.waitFor("bye\nline 1\n");
  await workspace.run(["stop", "sh", "counter.sh"]);
  assertEquals((await viewer.end()).code, 7);
  const logs = await Array.fromAsync([1, 2], async (run) => {
    const [{ log_stdout }] = await facts(workspace);
    return await Deno.readTextFile(join(log_stdout, "..", "..", String(run), "stdout.log"));
  });
  assertEquals(viewer.stdout, logs.join(""));
});

Deno.test({
  name: "F133 a viewer asks for nothing and does nothing while nothing is written",
  ignore: Deno.build.os !== "linux",
  fn: idleViewer,
});

async function text(command: string, ...args: string[]): Promise<string> {
  return new TextDecoder().decode((await new Deno.Command(command, { args }).output()).stdout);
}

async function idleViewer() {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await using viewer = workspace.spawn(["sh", "-c", "echo up; exec sleep 100"]);
  await viewer.waitFor("up\n");
  // How often its main thread has been woken, and its time on a processor (proc(5)): polling would
  // show, whatever its interval.
  const woken = async () => {
    const status = await text("cat", `/proc/${viewer.pid}/status`);
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  };
  const ticks = async () => {
    const stat = await text("cat", `/proc/${viewer.pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).join(" ");
  };
  // Every connection of the server's port, also those just closed, and the bytes on it (ss(8)).
  const connections = async () =>
    (await text("ss", "-tnaiH", `( sport = :${workspace.port} )`)).split("\n")
      .map((line) => line.match(/^(?:ESTAB|TIME-WAIT).*|bytes_\w+:\d+/g)?.join(" "))
      .filter((line) => line).sort();
  const quietSecond = async () => {
    const before = [await ticks(), await connections()];
    const wakes = await woken();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (await woken() - wakes > 1) return false;
    assert(before[1]?.length, "ss shows the connection of the viewer");
    return JSON.stringify([await ticks(), await connections()]) === JSON.stringify(before);
  };
  await until(quietSecond, { what: "a second in which the viewer sleeps and asks for nothing" });
}

Deno.test("K119 on a terminal one key answers, and output is held meanwhile", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  await workspace.write("counter.sh", COUNTER);
  const { programCommand } = await import("../support/program.ts");
  const attach = async () => {
    const viewer = workspace.spawnCommand(onTerminal(["sh", "counter.sh"], programCommand));
    await viewer.waitFor(/line \d+\r\n/);
    await viewer.write("\x03");
    await viewer.waitFor("Enter stay? ");
    return viewer;
  };

  await t.step("Enter stays", async () => {
    await using viewer = await attach();
    const moreLines = async () => {
      const [{ log_stdout }] = await facts(workspace);
      const size = async () => (await Deno.stat(log_stdout)).size;
      const before = await size();
      await until(async () => await size() > before + 20, { what: "more lines in the log" });
    };
    await moreLines();
    const asked = viewer.stdout.length;
    await moreLines();
    assertEquals(viewer.stdout.length, asked);
    await viewer.write("\r");
    await until(() => /line \d+\r\nline \d+\r\n/.test(viewer.stdout.slice(asked)), {
      what: () => `more lines of ${viewer.describe()}`,
    });
    const numbers = [...viewer.stdout.matchAll(/line (\d+)\r\n/g)].map((match) => Number(match[1]));
    assertEquals(numbers, numbers.map((_, at) => (numbers[0] ?? 0) + at));
    await viewer.write("\x03");
    await until(() => viewer.stdout.split("Enter stay? ").length === 3, { what: "the question" });
    await viewer.write("d");
    assertEquals((await viewer.end()).code, 0);
  });

  await t.step("a second Ctrl+C detaches", async () => {
    await using viewer = await attach();
    await viewer.write("\x03");
    const { code, stdout } = await viewer.end();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "detached");
    assertEquals((await facts(workspace))[0].status, "running");
  });

  await t.step("s stops, and what the program prints meanwhile is shown", async () => {
    await using viewer = await attach();
    await viewer.write("s");
    const { code, stdout } = await viewer.end();
    assertEquals(code, 7);
    // The shell may say what became of its `sleep`.
    assertMatch(stdout, /stopping\r\n(Terminated\r\n)?bye\r\n/);
  });
});

Deno.test("the question is withdrawn when the program ends by itself", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const { programCommand } = await import("../support/program.ts");
  const gate = workspace.path("gate");
  const script = `echo up; while ! [ -e '${gate}' ]; do sleep 0.02; done; echo done; exit 6`;
  const command = onTerminal(["sh", "-c", script], programCommand);
  await using viewer = workspace.spawnCommand(command);
  await viewer.waitFor("up\r\n");
  await viewer.write("\x03");
  await viewer.waitFor("Enter stay? ");
  await workspace.write("gate", "");
  const { code, stdout } = await viewer.end();
  assertEquals(code, 6);
  assertStringIncludes(stdout, "done\r\n");
});

Deno.test("--stdin gives the program a file, nothing, or all of the command's input", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
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
});
