/** Programs with a terminal of their own: what they see of it, and what is seen of them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { LocatedCtrlResult } from "../../lib/protocol/requests.ts";
import { assertEnds, type End, KEEPERS } from "../support/keepers.ts";
import { outputOf } from "../support/output_of.ts";
import { Bench, readBytes, type StartOptions } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

const SIZE = { columns: 97, rows: 31 };
const PTY: StartOptions = { pty: SIZE };

for (const [keeper, odd] of Object.entries(KEEPERS)) {
  Deno.test(`a program has a terminal of the size that was asked for, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const script = 'test -t 0 && test -t 1 && test -t 2 && stty size && echo "$$ $TERM" && tty';
    const callerEnvironment = { ...bench.environment, ...odd };
    const started = await bench.sh(script, { ...PTY, callerEnvironment });
    const end = await bench.ended(started);
    assertEquals([end.exit_code, end.pty], [0, true]);
    assertMatch(
      await readBytes(end.log_stdout),
      new RegExp(`^31 97\r\n${started.pid} xterm-256color\r\n/dev/\\S+\r\n$`),
    );
    assertEquals(await readBytes(end.log_stderr), "");
  });

  Deno.test(`exit codes and signals are exact on a terminal, under ${keeper}`, async () => {
    const ends: End[] = [
      ["exit 0", 0, null],
      ["exit 3", 3, null],
      ["exit 127", 127, null],
      ["exit 143", 143, null],
      ["exit 255", 255, null],
      ["kill -TERM $$", null, "SIGTERM"],
      ["kill -KILL $$", null, "SIGKILL"],
      ["kill -SEGV $$", null, "SIGSEGV"],
      ["kill -INT $$", null, "SIGINT"],
      ["kill -HUP $$", null, "SIGHUP"],
    ];
    await assertEnds(ends, odd, PTY);
  });

  Deno.test(`arguments and environment reach it as they are, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const words = [
      "",
      " ",
      "a'b",
      "'",
      '"$HOME`x`\\',
      "\n\n",
      "--",
      "-c",
      "ü🎉",
      "\x01\x1b[31m",
      "!",
    ];
    const callerEnvironment: Record<string, string> = {
      ...bench.environment,
      ...odd,
      ...{ SHELL: "/usr/bin/fish", SCRIPT: "mine", TERM: "vt100", IFS: ":", PPID: "1", SHLVL: "7" },
      ...{ COLUMNS: "1", LINES: "2", LC_ALL: "no_SUCH.locale", LANG: "x", ENV: "/dev/full" },
      ...{ BASH_ENV: "/dev/full", POSIXLY_CORRECT: "", NEWLINES: "a\n\nb\n", EMPTY: "", _: "/x" },
    };
    const show = await bench.write(
      "show",
      '#!/bin/sh\ncat /proc/$$/environ >environ\nprintf "%s\\0" "$@" >words\n',
    );
    const long = Array.from({ length: 4 }, (_, i) => String(i).repeat(100_000));
    const end = await bench.ended(
      await bench.start([show, ...words, ...long], { ...PTY, callerEnvironment }),
    );
    assertEquals(end.exit_code, 0, end.reason);
    assertEquals(await readBytes(end.log_stdout), "");
    const seen = async (name: string) => (await Deno.readTextFile(bench.path(name))).split("\0");
    assertEquals((await seen("words")).slice(0, -1), [...words, ...long]);
    const environment = Object.fromEntries(
      (await seen("environ")).filter((entry) => entry !== "").map((entry) => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at), entry.slice(at + 1)];
      }),
    );
    const { PWD: _, PERSISTPROC_RUN, ...rest } = environment;
    assertEquals(rest, callerEnvironment);
    assertEquals(PERSISTPROC_RUN, end.run);
  });
}

Deno.test("whoever wants a terminal for what runs without one is told how to get it", async () => {
  await using bench = await Bench.create();
  const first = await bench.start(["sleep", "1000"]);
  assertEquals("pty" in bench.now(first), false);
  const again = await bench.start(["sleep", "1000"], PTY);
  assertEquals([again.already_running, again.pid], [true, first.pid]);
  assertMatch(again.reason, /it runs without a terminal: restart it with --fresh/);
  const fresh = await bench.start(["sleep", "1000"], { ...PTY, fresh: true });
  assertEquals([fresh.already_running, bench.now(fresh).pty], [false, true]);
});

Deno.test("without SHELL and TERM, a program gets TERM only", async () => {
  await using bench = await Bench.create();
  const end = await bench.ended(await bench.sh('echo "<$SHELL> <$TERM>"', PTY));
  assertEquals(await readBytes(end.log_stdout), "<> <xterm-256color>\r\n");
});

Deno.test("stop ends the program and whatever makes its terminal, by SIGTERM alone", async () => {
  await using bench = await Bench.create();
  // Longer than the two seconds that `script` gives a program when it is itself asked to end.
  const script =
    "trap 'echo asked; read -t 3; echo done; exit 5' TERM; sleep 1000 & echo ready; wait";
  const started = await bench.start(["bash", "-c", script], PTY);
  await bench.printed(started, "ready");
  const stopped = await bench.stop({ pid: started.pid ?? 0 });
  assertEquals([stopped.status, stopped.exit_code, stopped.survivors], ["exited", 5, []]);
  assertMatch(await readBytes(started.log_stdout), /asked\r\ndone\r\n$/);
});

for (const shell of ["bash", "sh"]) {
  Deno.test(`an interactive ${shell} ends at once on stop, with all its jobs, as with its window`, async () => {
    await using bench = await Bench.create();
    const started = await bench.start([shell, "-i"], PTY);
    const line = { pid: started.pid ?? 0, text: "sleep 1000 & echo rea''dy; sleep 2000" };
    await bench.supervisor.ctrl({ action: "input", ...line }, { name: "terminal" });
    await bench.printed(started, "ready");
    const stopped = await bench.stop({ pid: started.pid ?? 0, grace_seconds: 20 }, { by: "codex" });
    assertEquals(
      [stopped.signal, stopped.reason, stopped.survivors],
      ["SIGHUP", "stopped by codex", []],
    );
    assertEquals(await bench.running(), []);
  });
}

/** Stops a program on a terminal once it has printed `ready`, and gives it time to end. */
async function stoppedWhenReady(bench: Bench, command: string[]): Promise<LocatedCtrlResult> {
  const started = await bench.start(command, PTY);
  await bench.printed(started, "ready");
  return await bench.stop({ pid: started.pid ?? 0, grace_seconds: 20 });
}

Deno.test("what begins to ignore SIGTERM only when it has come, as bash does while it forks, ends by SIGHUP", async () => {
  await using bench = await Bench.create();
  const program = `import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
while not signal.sigpending(): time.sleep(0.01)
time.sleep(0.2)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
while True: time.sleep(1000)
`;
  const stopped = await stoppedWhenReady(bench, ["python3", "-c", program]);
  assertEquals([stopped.signal, stopped.survivors], ["SIGHUP", []], stopped.reason);
});

Deno.test("who only takes note of a SIGHUP, as bash does right before it waits for a line, is sent another", async () => {
  await using bench = await Bench.create();
  const program = `import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def take_note(*_): signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGHUP, take_note)
print("ready", flush=True)
while True: time.sleep(1000)
`;
  const stopped = await stoppedWhenReady(bench, ["python3", "-c", program]);
  assertEquals([stopped.signal, stopped.survivors], ["SIGHUP", []], stopped.reason);
});

Deno.test("what a program starts to clean up gets no SIGHUP, though it ignores SIGTERM like its parent", async () => {
  await using bench = await Bench.create();
  const cleanup = "sleep 2; echo cleaned";
  const script =
    `trap 'trap "" TERM; sh -c "${cleanup}"; exit 5' TERM; sleep 1000 & echo ready; wait`;
  const stopped = await stoppedWhenReady(bench, ["bash", "-c", script]);
  assertEquals([stopped.status, stopped.exit_code], ["exited", 5], stopped.reason);
  assertMatch(await readBytes(stopped.log_stdout), /cleaned\r\n$/);
});

Deno.test("a restart gives the program a terminal again", async () => {
  await using bench = await Bench.create();
  const first = await bench.shReady("stty size; echo ready; exec sleep 1000", PTY);
  const again = await bench.restart({ pid: first.pid ?? 0 });
  await bench.printed(again, "ready\r\n");
  assertEquals(await readBytes(again.log_stdout), "31 97\r\nready\r\n");
});

Deno.test("what is typed reaches the program as from a keyboard, and Ctrl+C its group", async () => {
  await using bench = await Bench.create();
  const type = (pid: number | null, what: { text?: string; data?: string }) =>
    bench.supervisor.ctrl({ action: "input", pid: pid ?? 0, ...what }, { name: "terminal" });
  const reader = await bench.shReady(
    `stty raw -echo; echo ready; dd bs=1 count=6 2>/dev/null | od -An -tx1; stty sane; echo rest
     read -r line; echo "<$line>"; exec sleep 1000`,
    PTY,
  );
  await type(reader.pid, { text: "hi" });
  await type(reader.pid, { data: btoa("\x03\x1b\n") });
  await bench.printed(reader, "68 69 0d 03 1b 0a");
  await bench.printed(reader, "rest");
  await type(reader.pid, { text: "a line" });
  await bench.printed(reader, "<a line>");
  await type(reader.pid, { data: btoa("\x03") });
  assertEquals((await bench.ended(reader)).signal, "SIGINT");
});

Deno.test("a program on a terminal goes on without a server, and the next one takes it over", async () => {
  await using bench = await Bench.create();
  const [ends, stays] = [
    await bench.shReady("echo ready; exec sleep 1000", { ...PTY, label: "ends" }),
    await bench.shReady("echo ready; exec sleep 1000", { ...PTY, label: "stays" }),
  ];
  await bench.reopen(async () => {
    Deno.kill(ends.pid ?? 0, "SIGUSR1");
    await until(async () => (await Deno.readTextFile(`${ends.run_directory}/exit`)).trim() !== "", {
      what: "the end of the program",
    });
  });
  const [first, second] = await bench.supervisor.list({});
  assertEquals([first?.status, first?.signal], ["exited", "SIGUSR1"]);
  assertEquals([second?.status, second?.pid, second?.pty], ["running", stays.pid, true]);
  const stopped = await bench.stop({ pid: stays.pid ?? 0 });
  assertEquals([stopped.signal, stopped.survivors], ["SIGTERM", []]);
});

Deno.test("a crash before anything was written down of its terminal loses nothing", async () => {
  await using bench = await Bench.create();
  const script = "trap 'read -t 3; exit 8' TERM; sleep 1000 & echo ready; wait";
  const started = await bench.start(["bash", "-c", script], PTY);
  await bench.printed(started, "ready");
  const path = `${bench.dataDirectory}/processes/${started.process}/process.json`;
  await bench.reopen(async () => {
    const record = JSON.parse(await Deno.readTextFile(path));
    Object.assign(record.runs[0], { pid: null, group: null, kernel_started: "" });
    delete record.runs[0].terminal;
    await Deno.writeTextFile(path, JSON.stringify(record));
  });
  assertEquals(bench.now(started).pid, started.pid);
  const stopped = await bench.stop({ pid: started.pid ?? 0 });
  assertEquals([stopped.exit_code, stopped.survivors], [8, []]);
});

Deno.test("its keeper and what makes its terminal are not counted as its own", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; exec sleep 1000", PTY);
  const [listed] = await bench.supervisor.list({ pid: started.pid ?? 0 });
  assertEquals(listed?.process_count, 1);
});

Deno.test("whoever kills the terminal does not make the run end before its program", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady(
    "trap 'echo hung up >hung' HUP; echo ready; while [ ! -e over ]; do sleep 0.05; done; exit 6",
    PTY,
  );
  const rows = (await outputOf("ps", "-A", "-o", "pid=,args=")).split("\n");
  const script = rows.find((row) =>
    /^\s*\d+ \S*script -q/.test(row) && row.includes(started.run_directory)
  );
  Deno.kill(Number.parseInt(script ?? ""), "SIGKILL");
  const hung = () => Deno.stat(bench.path("hung")).then(() => true, () => false);
  await until(hung, { what: "SIGHUP" });
  assertEquals((await bench.supervisor.list({}))[0]?.status, "running");
  await Deno.writeTextFile(bench.path("over"), "");
  assertEquals((await bench.ended(started)).exit_code, 6);
});

Deno.test("a program that cannot be executed is said to be, and leaves nothing in the log", async () => {
  await using bench = await Bench.create();
  const broken = bench.path("broken");
  await Deno.writeFile(broken, new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), {
    mode: 0o755,
  });
  // Told by the answer of the start, or, where `script` takes long to end, afterwards.
  const told = await bench.start([broken], PTY).then(() => "", String);
  const listed = await until(async () => {
    const [process] = await bench.supervisor.list({});
    return process?.status === "failed" ? process : null;
  }, { what: "the failure" });
  assertMatch(listed.reason, /could not be executed: Exec format error/);
  assert(told === "" || told.includes(listed.reason), told);
  assertEquals(await readBytes(listed.log_stdout), "");
});
