/** What a program sees of its keeper, which is nothing, and what the keeper tells of its end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ProcessTable, systemProcessTable } from "../../lib/system/process_table.ts";
import { assertEnds, type End, KEEPERS } from "../support/keepers.ts";
import { outputOf } from "../support/output_of.ts";
import { Bench, readBytes } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

/** Each but the first puts something between the shell and the program. */
const SURROUNDED: Record<string, string>[] = [{}, { IFS: ":" }, { "odd-name": "1" }];

for (const [keeper, odd] of Object.entries(KEEPERS)) {
  Deno.test(`exit codes and signals are exact, under ${keeper}`, async () => {
    const ends: End[] = [
      ["exit 0", 0, null],
      ["exit 3", 3, null],
      ["exit 126", 126, null],
      ["exit 127", 127, null],
      ["exit 143", 143, null],
      ["exit 137", 137, null],
      ["exit 255", 255, null],
      ["kill -TERM $$", null, "SIGTERM"],
      ["kill -KILL $$", null, "SIGKILL"],
      ["kill -SEGV $$", null, "SIGSEGV"],
      ["kill -ABRT $$", null, "SIGABRT"],
      ["kill -INT $$", null, "SIGINT"],
      ["kill -HUP $$", null, "SIGHUP"],
      ["kill -PIPE $$", null, "SIGPIPE"],
      ["kill -USR1 $$", null, "SIGUSR1"],
      ["kill -40 $$", null, "SIGRTMIN+6"],
    ];
    await assertEnds(ends, odd);
  });

  Deno.test(`the environment is byte for byte the one that was asked for, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const base = { ...bench.environment, ...odd };
    const environments: Record<string, string>[] = [
      base,
      { ...base, SHLVL: "7", _: "/x", OLDPWD: "/old", HOME: "" },
      {
        ...base,
        ...{ IFS: ":", PPID: "1", OPTIND: "x", OPTARG: "a", OPTERR: "0", LINENO: "9" },
        ...{ PS1: "$ ", PS2: "> ", PS4: "+ ", PROMPT_COMMAND: "exit 1", TERM: "dumb", REPLY: "a" },
      },
      {
        ...base,
        ...{ EMPTY: "", NEWLINES: "a\n\nb\n", QUOTES: `'"\\$x\`y\``, UNICODE: "ü🎉", TAB: "\t" },
        ...{ ENV: "/dev/full", BASH_ENV: "/dev/full", CDPATH: "/", GLOBIGNORE: "*", FCEDIT: "x" },
        ...{ LD_LIBRARY_PATH: "/nowhere", LC_ALL: "no_SUCH.locale", LANG: "C.UTF-8", TZ: "X" },
        ...{ MAIL: "/m", MAILPATH: "/m", MAILCHECK: "x", HISTSIZE: "1", IGNOREEOF: "1" },
      },
      {
        ...base,
        ...{ BASH: "/b", BASHOPTS: "extglob", SHELLOPTS: "xtrace:errexit", BASHPID: "1", UID: "5" },
        ...{ BASH_VERSION: "1", EUID: "5", RANDOM: "4", SECONDS: "1", GROUPS: "x", DIRSTACK: "y" },
        ...{ FUNCNAME: "f", EPOCHSECONDS: "1", EPOCHREALTIME: "1", HOSTNAME: "h", SHELL: "/s" },
        ...{
          HOSTTYPE: "h",
          MACHTYPE: "m",
          OSTYPE: "o",
          COLUMNS: "1",
          LINES: "2",
          POSIXLY_CORRECT: "",
        },
      },
      {
        ...base,
        ...{ BASH_ARGC: "1", BASH_ARGV: "1", BASH_ARGV0: "1", BASH_SOURCE: "1", BASH_LINENO: "1" },
        ...{ BASH_VERSINFO: "1", BASH_COMMAND: "1", BASH_SUBSHELL: "1", BASH_REMATCH: "1" },
        ...{ BASH_EXECUTION_STRING: "1", BASH_ALIASES: "1", BASH_CMDS: "1", BASH_COMPAT: "4.2" },
        ...{ COMP_WORDBREAKS: "1", HISTCMD: "1", PIPESTATUS: "1", SRANDOM: "1", COPROC: "1" },
        ...{ MAPFILE: "1", READLINE_LINE: "1", BASH_XTRACEFD: "1", BASH_LOADABLES_PATH: "/" },
        ...{ BASH_MONOSECONDS: "1", FUNCNEST: "1", TMOUT: "1", TIMEFORMAT: "x", EXECIGNORE: "*" },
      },
      keeper === "dash" ? { HOME: bench.path() } : {
        ...base,
        ...{ "a.b": "1", "npm_config_x-y": "2", "1A": "3", "BASH_FUNC_f%%": "() {  echo f\n}" },
        ...{ "BASH_FUNC_cat%%": "() {  exit 9\n}", "ä": "4", " ": "5", "x y": "\n" },
      },
    ];
    for (const [i, callerEnvironment] of environments.entries()) {
      const label = `environment ${i}`;
      const started = await bench.start(["/bin/cat", "/proc/self/environ"], {
        callerEnvironment,
        label,
      });
      const end = await bench.ended(started);
      const seen = new TextDecoder().decode(await Deno.readFile(end.log_stdout));
      const added = { PYTHONUNBUFFERED: "1", PERSISTPROC_RUN: end.run };
      const wanted = { ...added, ...callerEnvironment };
      assertEquals(
        seen.split("\0").filter((line) => line !== "" && !line.startsWith("PWD=")).toSorted(),
        Object.entries(wanted).map(([name, value]) => `${name}=${value}`).toSorted(),
        label,
      );
      assertEquals([end.exit_code, await readBytes(end.log_stderr)], [0, ""], label);
    }
  });

  Deno.test(`no descriptor from 3 to 9 reaches a program, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const callerEnvironment = { ...bench.environment, ...odd };
    // Written to rather than listed: the program that lists has one open itself.
    const script = "for n in 1 2 3 4 5 6 7 8 9; do (: >&$n) 2>/dev/null && echo $n; done";
    const end = await bench.ended(await bench.start(["sh", "-c", script], { callerEnvironment }));
    assertEquals(await readBytes(end.log_stdout), "1\n2\n");
  });

  Deno.test(`a program starts with every signal at its default, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const callerEnvironment = { ...bench.environment, ...odd };
    const started = await bench.start(["cat", "/proc/self/status"], { callerEnvironment });
    const status = await readBytes((await bench.ended(started)).log_stdout);
    // 32 and 33 are the C library's own, and no business of a program (signal(7)).
    const own = (1n << 31n) | (1n << 32n);
    const sets = Array.from(
      status.matchAll(/^Sig(Blk|Ign|Cgt):\t(\w+)$/gm),
      ([, set, bits]) => [set, BigInt(`0x${bits}`) & ~own],
    );
    assertEquals(sets, [["Blk", 0n], ["Ign", 0n], ["Cgt", 0n]]);
  });

  Deno.test(`the PID is the program's, its group and session the keeper's, under ${keeper}`, async () => {
    await using bench = await Bench.create();
    const callerEnvironment = { ...bench.environment, ...odd };
    const started = await bench.start(["sleep", "1000"], { callerEnvironment });
    const look = () => outputOf("ps", "-o", "ppid=,pgid=,sid=,args=", "-p", `${started.pid}`);
    // Its shell is asked for its PID before it becomes the program.
    const row = await until(async () => {
      const row = await look();
      return /\ssleep 1000\s*$/.test(row) ? row : null;
    }, { what: "the program in the place of its shell" });
    const [parent, group, session] = row.trim().split(/\s+/);
    assertEquals([group, session], [parent, parent]);
  });
}

Deno.test("arguments arrive as they were given", async () => {
  await using bench = await Bench.create();
  const words = ["a b", "", "'", '"', "$HOME", "*", "\n", "-n", "--", "ü", "\\", "a=b", "-u", ";"];
  for (const environment of SURROUNDED) {
    const callerEnvironment = { ...bench.environment, ...environment };
    const options = { callerEnvironment, label: Object.keys(environment).join() };
    const end = await bench.ended(await bench.start(["printf", "%s\\0", ...words], options));
    assertEquals(
      new TextDecoder().decode(await Deno.readFile(end.log_stdout)),
      words.map((word) => `${word}\0`).join(""),
    );
  }
});

Deno.test("a program is started whatever its name is and whatever surrounds it", async () => {
  await using bench = await Bench.create();
  for (const name of ["a=b", "-u", "--", "a b", "ü", "$x", "exec"]) {
    const path = await bench.write(name, "#!/bin/sh\necho started\n");
    for (const environment of SURROUNDED) {
      const PATH = `${bench.path()}:${bench.environment["PATH"]}`;
      const callerEnvironment = { ...bench.environment, PATH, ...environment };
      for (const program of [path, name]) {
        const end = await bench.ended(await bench.start([program], { callerEnvironment }));
        const what = `${program} with ${JSON.stringify(environment)}: ${end.reason}`;
        assertEquals(await readBytes(end.log_stderr), "", what);
        assertEquals(await readBytes(end.log_stdout), "started\n", what);
      }
    }
  }
});

Deno.test("an open stdin never ends", async () => {
  await using bench = await Bench.create();
  const started = await bench.sh("echo ready; read line; echo ended");
  await bench.printed(started, "ready");
  const path = `${started.run_directory}/input/stdin`;
  assert((await Deno.stat(path)).isFifo);
  // A writer that comes and goes is not the end of it, either.
  using fifo = await Deno.open(path, { read: true, write: true });
  assertEquals(bench.now(started).status, "running");
  await fifo.write(new TextEncoder().encode("hello\n"));
  assertEquals((await bench.ended(started)).exit_code, 0);
});

Deno.test("stdin can be nothing, or a file that each run reads from its start", async () => {
  await using bench = await Bench.create();
  const nothing = await bench.start(["cat"], { stdin: { kind: "null" } });
  assertEquals((await bench.ended(nothing)).exit_code, 0);
  await bench.write("input", "a\nb\n", 0o600);
  const stdin = { kind: "file", path: "input" } as const;
  const started = await bench.start(["cat"], { stdin, label: "file" });
  for (const run of [1, 2]) {
    const end = await bench.ended(started);
    assertEquals(await readBytes(end.log_stdout), "a\nb\n", `run ${run}`);
    if (run === 1) await bench.restart({ label: "file" });
  }
});

Deno.test("a program that the system refuses to execute has failed, and no shell speaks in its log", async () => {
  await using bench = await Bench.create();
  // It looks like a program of this system, and is none: only exec can tell.
  await Deno.writeFile(bench.path("broken"), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]));
  await Deno.chmod(bench.path("broken"), 0o755);
  assertMatch(await bench.failure(["./broken"]), /could not be (executed|started)/);
  for (const { status, log_stdout, log_stderr } of await bench.supervisor.list({})) {
    assertEquals(status, "failed");
    assertEquals([await readBytes(log_stdout), await readBytes(log_stderr)], ["", ""]);
  }
});

const LAST_WORDS: Record<string, string> = {
  "an exit": "os._exit(0)",
  "an abort": "os.abort()",
  "SIGSEGV": "os.kill(os.getpid(), signal.SIGSEGV)",
  "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
};

for (const [end, code] of Object.entries(LAST_WORDS)) {
  Deno.test(`F107 the last lines before ${end} are always there`, async () => {
    await using bench = await Bench.create();
    const program = `import os, signal
for i in range(1000):
  os.write(1, b"line %d\\n" % i)
  os.write(2, b"warning %d\\n" % i)
${code}
`;
    const lines = (word: string) =>
      Array.from({ length: 1_000 }, (_, i) => `${word} ${i}\n`).join("");
    for (let run = 0; run < 5; run++) {
      const done = await bench.ended(await bench.start(["python3", "-c", program]));
      assertEquals(await readBytes(done.log_stdout), lines("line"));
      assertEquals(await readBytes(done.log_stderr), lines("warning"));
    }
  });
}

Deno.test("a program outlives its keeper, and its end is still noticed", async () => {
  await using bench = await Bench.create();
  const started = await bench.shReady("echo ready; read line; exit 5");
  const keeper = Number(await outputOf("ps", "-o", "ppid=", "-p", `${started.pid}`));
  Deno.kill(keeper, "SIGKILL");
  await until(async () => !await bench.lives(keeper), { what: "the end of the keeper" });
  assertEquals((await bench.supervisor.list({}))[0]?.status, "running");
  Deno.kill(started.pid ?? NaN, "SIGKILL");
  assertEquals((await bench.ended(started)).status, "exited");
});

Deno.test("an end that is written down while the keeper is looked for is told exactly", async () => {
  const system = systemProcessTable();
  let writes: string | null = null;
  const table: ProcessTable = {
    bootId: () => system.bootId(),
    scan: () => system.scan(),
    lookup(pids) {
      if (writes === null) return system.lookup(pids);
      Deno.writeTextFileSync(writes, "5\n");
      return Promise.resolve(new Map());
    },
  };
  await using bench = await Bench.create({ table });
  const started = await bench.shReady("echo ready; read line");
  // What it would write at last is written above.
  const keeper = Number(await outputOf("ps", "-o", "ppid=", "-p", `${started.pid}`));
  Deno.kill(keeper, "SIGKILL");
  await until(async () => !await bench.lives(keeper), { what: "the end of the keeper" });
  writes = `${started.run_directory}/exit`;
  Deno.kill(started.pid ?? NaN, "SIGKILL");
  const { exit_code, reason } = await bench.ended(started);
  writes = null;
  assertEquals(exit_code, 5, reason);
});
