/** Starting processes: which one is meant, with what, and why it can not be. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { quoteCommandLine } from "../../lib/protocol/command_line.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import type { CtrlRequest } from "../../lib/protocol/requests.ts";
import { refused } from "../support/refused.ts";
import { Bench, readBytes } from "../support/supervisor.ts";

const pidsOf = async (bench: Bench) =>
  (await bench.supervisor.list({ running_only: true })).map(({ pid }) => pid);

Deno.test("twenty who start the same at one instant get one process", async () => {
  await using bench = await Bench.create();
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => bench.start(["sleep", "1000"], { by: `agent ${i}` })),
  );
  assertEquals(new Set(results.map(({ pid }) => pid)).size, 1);
  assertEquals(results.filter(({ already_running }) => !already_running).length, 1);
  assertEquals(await pidsOf(bench), [results[0]?.pid ?? null]);
  // The program and its keeper, and nobody who came too late.
  assertEquals((await bench.running()).length, 2);
});

Deno.test("what runs already is returned, with a word on another environment", async () => {
  await using bench = await Bench.create();
  const first = await bench.start(["sleep", "1000"]);
  const second = await bench.start(["sleep", "1000"]);
  assertEquals([second.pid, second.already_running], [first.pid, true]);
  assert(!second.reason.includes("environment"), second.reason);
  const third = await bench.start(["sleep", "1000"], { environment: { DEBUG: "1" } });
  assertEquals(third.pid, first.pid);
  assert(third.reason.includes("another environment"), third.reason);
  const fourth = await bench.start(["sleep", "1000"], { environment: { SHLVL: "9" } });
  assert(!fourth.reason.includes("environment"), fourth.reason);
});

Deno.test("what runs already is returned to one who could not have started it", async () => {
  await using bench = await Bench.create();
  await bench.write("tool", "#!/bin/sh\nexec sleep 1000\n");
  const withTool = { ...bench.environment, PATH: `${bench.path()}:${bench.environment["PATH"]}` };
  const first = await bench.start(["tool"], { callerEnvironment: withTool });
  const second = await bench.start(["tool"], { by: "agent", callerEnvironment: null });
  assertEquals([second.pid, second.already_running], [first.pid, true]);
});

Deno.test("F93 spellings of one command and one directory are one process", async () => {
  await using bench = await Bench.create();
  await Deno.mkdir(bench.path("a"));
  await Deno.symlink(bench.path("a"), bench.path("link"));
  const line = (command_or_label: string, working_directory: string) =>
    bench.start([], { command: undefined, command_or_label, working_directory });
  const first = await line("sleep 1000", bench.path("a"));
  for (
    const [command, directory] of [
      ["sleep  1000", "a"],
      ["'sleep' 1000", "a/../a/"],
      ['sleep "1000"', "link"],
      ["sleep 1000", "./a/."],
    ] as const
  ) {
    assertEquals((await line(command, directory)).pid, first.pid, `${command} in ${directory}`);
  }
  assertNotEquals((await line("sleep 1000", ".")).pid, first.pid);
  assertEquals(first.label, `sleep 1000 in ${bench.path("a")}`);
});

Deno.test("a label makes a process of its own, and is nobody else's while that runs", async () => {
  await using bench = await Bench.create();
  const plain = await bench.start(["sleep", "1000"]);
  const api = await bench.start(["sleep", "1000"], { label: "my api-1_x" });
  assertNotEquals(api.pid, plain.pid);
  assertEquals(api.label, "my api-1_x");
  await refused(
    () => bench.start(["sleep", "2000"], { label: "my api-1_x" }),
    "my api-1_x",
    "already running",
    `${api.pid}`,
  );
  assertEquals(await pidsOf(bench), [plain.pid, api.pid]);
  await bench.stop({ label: "my api-1_x" });
  const other = await bench.start(["sleep", "2000"], { label: "my api-1_x" });
  assertEquals(other.label, "my api-1_x");
  const labels = (await bench.supervisor.list({})).map(({ label }) => label);
  assertEquals(new Set(labels).size, 3);
});

Deno.test("a label that cannot be used starts nothing, and a blank one is none", async () => {
  await using bench = await Bench.create();
  await refused(() => bench.start(["sleep", "1"], { label: "\u200b" }), "invisible");
  assertEquals(await bench.supervisor.list({}), []);
  const blank = await bench.start(["sleep", "1000"], { label: "  " });
  assertEquals(blank.label, `sleep 1000 in ${bench.directory}`);
});

Deno.test("a long command is shown cut, and still is the whole of what is meant", async () => {
  await using bench = await Bench.create();
  const words = Array.from({ length: 100_000 }, () => "x");
  const command = ["sh", "-c", "exec sleep 1000", "sh", ...words];
  const first = await bench.start(command);
  const [listed] = await bench.supervisor.list({});
  assert(JSON.stringify(listed).length < 6_000, `${JSON.stringify(listed).length} characters`);
  assertEquals(listed?.command.slice(0, 3), command.slice(0, 3));
  assertEquals(listed?.command.at(-1), "…");

  const other = await bench.start([...command, "y"]);
  assertNotEquals(other.pid, first.pid);
  const again = await bench.start(command);
  assertEquals([again.already_running, again.pid], [true, first.pid]);
  const second = await bench.restart({ command });
  assertEquals(second.previous_pid, first.pid);
  const stopped = await bench.stop({ command_or_label: quoteCommandLine(command) });
  assertEquals([stopped.pid, stopped.status], [second.pid, "exited"]);
});

Deno.test("a label stays with a process that is being restarted", async () => {
  await using bench = await Bench.create();
  const first = await bench.start(["sleep", "1000"], { label: "api" });
  const { promise: thief, resolve } = Promise.withResolvers<unknown>();
  // The moment between the end of the old run and the start of the new one.
  const unsubscribe = bench.supervisor.subscribe(first.process, ({ process, restarting }) => {
    if (process.status !== "exited" || !restarting) return;
    unsubscribe();
    resolve(bench.start(["sleep", "2000"], { label: "api" }).catch((error) => error));
  });
  const after = await bench.restart({ label: "api" });
  assert(await thief instanceof PersistprocError, "the label was taken");
  assertEquals(after.label, "api");
});

Deno.test("a start that cannot work says why and leaves no trace", async () => {
  await using bench = await Bench.create();
  await bench.write("text", "hello", 0o644);
  await bench.write("lost", "#!/no/such/interpreter\n");
  await bench.write("windows", "#!/bin/sh\r\necho hi\r\n");
  await Deno.mkdir(bench.path("folder"));
  const cases: [string[], Partial<CtrlRequest>, string[]][] = [
    [["no-such-tool"], {}, ["Command not found", "no-such-tool"]],
    [["./none"], {}, ["Command not found"]],
    [["x".repeat(100_000)], {}, ["Command not found"]],
    [["./" + "x".repeat(100_000)], {}, ["Command not found"]],
    [["sleep", "1"], { working_directory: "x".repeat(100_000) }, ["does not exist"]],
    [["./text"], {}, ["Permission denied"]],
    [["./folder"], {}, ["Permission denied", "directory"]],
    [["./lost"], {}, ["/no/such/interpreter", "does not exist"]],
    [["./windows"], {}, ["carriage return"]],
    [["echo", "x".repeat(200 * 1024)], {}, ["Argument 1", "KiB"]],
    [["echo", "a\0b"], {}, ["NUL"]],
    [[], {}, ["empty"]],
    [[""], {}, ["empty"]],
    [["sleep", "1"], { working_directory: "missing" }, ["does not exist"]],
    [["sleep", "1"], { working_directory: "text" }, ["not a directory"]],
    [["sleep", "1"], { stdin: { kind: "file", path: "missing" } }, ["missing", "does not exist"]],
    [["sleep", "1"], { environment: { "": "x" } }, ["environment"]],
    [["sleep", "1"], { environment: { "A=B": "x" } }, ["environment"]],
    [["sleep", "1"], { command: undefined }, ["command_or_label", "must be provided"]],
    [[], { command: undefined, command_or_label: "" }, ["empty"]],
    [[], { command: undefined, command_or_label: "echo 'a" }, ["unclosed"]],
  ];
  for (const [command, options, words] of cases) {
    const { message } = await refused(() => bench.start(command, options), ...words);
    assert(message.length < 1_200, `${message.length} characters`);
    assertEquals(await bench.supervisor.list({}), [], words.join());
  }
  const nowhere = { name: "agent" };
  await refused(
    () => bench.supervisor.ctrl({ action: "start", command: ["sleep", "1"] }, nowhere),
    "working_directory",
  );
  assertEquals([...Deno.readDirSync(`${bench.dataDirectory}/processes`)], []);
  assertEquals(await bench.running(), []);
});

Deno.test("a program that cannot be executed after all is listed as failed, and can be corrected", async () => {
  await using bench = await Bench.create();
  const started = await bench.start(["sleep", "1000"], { label: "x" });
  await bench.stop({ label: "x" });
  await Deno.writeFile(bench.path("y"), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), {
    mode: 0o755,
  });
  assertStringIncludes(await bench.failure(["./y"], { label: "y" }), "could not be executed");
  assertEquals(bench.now(started).status, "exited");
  await bench.write("y", "#!/bin/sh\nexec sleep 1000\n");
  const corrected = await bench.start(["./y"], { label: "y" });
  assertEquals(corrected.status, "running");
});

Deno.test("what needs a shell gets one, and is listed as it was written", async () => {
  await using bench = await Bench.create();
  const line = "echo $GREETING && echo done";
  const started = await bench.start([], {
    command: undefined,
    command_or_label: line,
    environment: { GREETING: "hello" },
  });
  const end = await bench.ended(started);
  assertEquals(await readBytes(end.log_stdout), "hello\ndone\n");
  assertEquals(end.command, [line]);
  assertEquals(end.label, `${line} in ${bench.directory}`);
  assertEquals((await bench.restart({ command_or_label: line })).label, end.label);
});

Deno.test("a start without an environment gets the person's last one, else the server's", async () => {
  await using bench = await Bench.create();
  const command = ["sh", "-c", "echo $WHOSE $PORT"];
  const says = async (process: { process: string }) =>
    await readBytes((await bench.ended(process)).log_stdout);
  const server = await bench.start(command, { by: "agent", callerEnvironment: null });
  assertEquals([server.environment_source, await says(server)], ["server", "\n"]);
  const person = await bench.start(command, {
    callerEnvironment: { ...bench.environment, WHOSE: "person" },
    environment: { PORT: "3000" },
  });
  assertEquals([person.environment_source, await says(person)], ["caller", "person 3000\n"]);
  const last = await bench.start(command, { by: "agent", callerEnvironment: null });
  assertEquals([last.environment_source, await says(last)], ["last_start", "person 3000\n"]);
  const own = await bench.start(command, {
    by: "agent",
    callerEnvironment: { ...bench.environment, WHOSE: "agent" },
  });
  assertEquals([own.environment_source, await says(own)], ["caller", "agent\n"]);
  const again = await bench.start(command, { by: "agent", callerEnvironment: null });
  assertEquals([again.environment_source, await says(again)], ["last_start", "person 3000\n"]);
});

Deno.test("a program is looked for in the PATH that it will be started with", async () => {
  await using bench = await Bench.create();
  await bench.write("tool", "#!/bin/sh\necho found\n");
  const withTool = { ...bench.environment, PATH: `${bench.path()}:${bench.environment["PATH"]}` };
  await bench.ended(await bench.start(["tool"], { callerEnvironment: withTool }));
  const again = await bench.start(["tool"], { by: "agent", callerEnvironment: null });
  assertEquals(again.environment_source, "last_start");
});

Deno.test("F92 a start that crashed can be started again at once", async () => {
  await using bench = await Bench.create();
  for (let n = 1; n <= 10; n++) {
    const started = await bench.sh("exit 1");
    assertEquals(started.already_running, false, `start ${n}`);
    await bench.ended(started);
  }
});
