/** What `list` finds out about real processes: ports, URLs, processor, memory, and who is in the way. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { askProgram } from "../../lib/system/ask.ts";
import { systemListeners } from "../../lib/system/listeners.ts";
import { systemProcessTable } from "../../lib/system/process_table.ts";
import { logText } from "../support/log_files.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { freePort } from "../support/workspace.ts";

/** A server in a few lines of Deno: `serve.ts PORT [HOST]`; port 0 is one that is free. */
const SERVER = `
const [port = "0", hostname = "127.0.0.1", text = ""] = Deno.args;
Deno.serve({ port: Number(port), hostname, onListen({ port }) {
  console.log(text ? text.replaceAll("PORT", String(port)) : "ready " + port);
} }, () => new Response("hello"));
`;

/** A port that answers nothing, or not in HTTP. */
const SOCKET = `
const [port = "0", hostname = "127.0.0.1", greeting = ""] = Deno.args;
const listener = Deno.listen({ port: Number(port), hostname });
console.log("ready " + listener.addr.port);
for await (const connection of listener) {
  if (!greeting) continue;
  console.log("asked");
  await connection.write(new TextEncoder().encode(greeting));
  connection.close();
}
`;

class Servers implements AsyncDisposable {
  readonly bench: Bench;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  static async create(options: Parameters<typeof Bench.create>[0] = {}): Promise<Servers> {
    const bench = await Bench.create(options);
    await bench.write("serve.ts", SERVER);
    await bench.write("socket.ts", SOCKET);
    return new Servers(bench);
  }

  command(program: string, ...args: unknown[]): string[] {
    const deno = [Deno.execPath(), "run", "-q", "--no-config", "--allow-all"];
    return [...deno, this.bench.path(program), ...args.map(String)];
  }

  shell(program: string, ...args: unknown[]): string {
    return this.command(program, ...args).map((word) => `'${word}'`).join(" ");
  }

  async listed(process: { process: string }) {
    const all = await this.bench.supervisor.list({});
    const found = all.find((one) => one.process === process.process);
    if (!found) throw new Error("not listed");
    return found;
  }

  /** What the process printed behind "ready", once it did. */
  async port(process: { process: string }): Promise<number> {
    const { log_stdout } = this.bench.now(process);
    return await until(
      async () => Number(/^ready (\d+)\n/m.exec(await logText(log_stdout))?.[1]),
      { what: "the port" },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
  }
}

const ENDPOINTS = [["127.0.0.1", "127.0.0.1"], ["0.0.0.0", "0.0.0.0"], ["::1", "::1"], [
  "::",
  "::",
]];
for (const [hostname, address] of ENDPOINTS) {
  Deno.test(`a listener on port 0 of ${hostname} is listed with the port that it got`, async () => {
    await using servers = await Servers.create();
    const started = await servers.bench.start(servers.command("serve.ts", 0, hostname));
    const port = await servers.port(started);
    // Whoever does not answer soon is asked again.
    const { ports, urls, process_count, memory_bytes } = await until(async () => {
      const listed = await servers.listed(started);
      return listed.urls.length > 0 ? listed : null;
    }, { what: "its URL" });
    assertEquals(ports, [{ address, port, pid: started.pid }]);
    assertEquals(urls, [`http://${hostname === "::1" ? "[::1]" : "127.0.0.1"}:${port}/`]);
    assertEquals(process_count, 1);
    assert((memory_bytes ?? 0) > 10_000_000, `${memory_bytes}`);
  });
}

const MISSING: Record<string, string[]> = {
  ss: ["ss"],
  lsof: ["lsof"],
  "ss and /proc": ["ss", "cat"],
};
for (const [name, missing] of Object.entries(MISSING)) {
  Deno.test({
    name: `several ports, also of a grandchild in a session of its own, are found without ${name}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const listeners = systemListeners((program, args) =>
        missing.includes(program) ? Promise.resolve(null) : askProgram(program, args)
      );
      await using servers = await Servers.create({ listeners });
      const [first, second] = [freePort(), freePort()];
      const started = await servers.bench.sh(
        `${servers.shell("socket.ts", first)} & ` +
          `sh -c "setsid ${
            servers.shell("socket.ts", second, "::1").replaceAll('"', '\\"')
          } & wait" & wait`,
      );
      const listed = await until(async () => {
        const now = await servers.listed(started);
        return now.ports.length === 2 ? now : null;
      }, { what: "two ports" });
      const expected = [{ address: "127.0.0.1", port: first }, { address: "::1", port: second }]
        .sort((a, b) => a.port - b.port);
      assertEquals(listed.ports.map(({ address, port }) => ({ address, port })), expected);
      assert(listed.ports.every(({ pid }) => pid !== started.pid));
      assert(listed.process_count >= 3);
    },
  });
}

Deno.test("a port that is opened late, and one that is closed, is as it is when asked", async () => {
  await using servers = await Servers.create();
  const started = await servers.bench.sh(
    `echo waiting; while [ ! -e go ]; do sleep 0.05; done; ${servers.shell("socket.ts")}`,
  );
  await servers.bench.printed(started, "waiting");
  assertEquals((await servers.listed(started)).ports, []);
  await servers.bench.write("go", "");
  const port = await servers.port(started);
  assertEquals((await servers.listed(started)).ports.map(({ port }) => port), [port]);
  await servers.bench.stop({ pid: started.pid ?? 0 });
  const ended = await servers.listed(started);
  assertEquals(
    [ended.ports, ended.urls, ended.cpu_percent, ended.memory_bytes, ended.process_count],
    [[], [], null, null, 0],
  );
});

Deno.test("a URL that the process printed wins over one that is built, path and all", async () => {
  await using servers = await Servers.create();
  const text =
    "see https://example.com:PORT/ or \x1b[36mhttp://localhost:\x1b[1mPORT\x1b[22m/app/\x1b[39m";
  const started = await servers.bench.start(servers.command("serve.ts", 0, "127.0.0.1", text));
  await servers.bench.printed(started, "/app/");
  const { urls, ports } = await servers.listed(started);
  assertEquals(urls, [`http://localhost:${ports[0]?.port}/app/`]);
});

Deno.test("a URL printed at the start is found behind thousands of lines", async () => {
  await using servers = await Servers.create();
  const port = freePort();
  const started = await servers.bench.shReady(
    `echo "Local: http://localhost:${port}/"; seq 50000; ${servers.shell("socket.ts", port)}`,
  );
  const { urls } = await servers.listed(started);
  assertEquals(urls, [`http://localhost:${port}/`]);
});

Deno.test("a port that speaks no HTTP has no URL, and is asked only once", async () => {
  await using servers = await Servers.create();
  const database = await servers.bench.start(
    servers.command("socket.ts", 0, "127.0.0.1", "-ERR\r\n"),
  );
  await until(async () => {
    const port = await servers.port(database);
    const { ports, urls } = await servers.listed(database);
    assertEquals([ports.map(({ port }) => port), urls], [[port], []]);
    assertEquals((await servers.listed(database)).urls, []);
    const { log_stdout, pid } = servers.bench.now(database);
    if ((await logText(log_stdout)).split("asked").length - 1 === 1) return true;
    // It took so long to answer that it was asked again, rightly: another run.
    await servers.bench.restart({ pid: pid ?? 0 });
    return false;
  }, { what: "a run that is asked once" });
});

Deno.test("a look that the system refuses fails, and nothing else does", async () => {
  const system = systemProcessTable();
  let refuses = false;
  await using servers = await Servers.create({
    table: {
      bootId: () => system.bootId(),
      scan: () => system.scan(),
      lookup: async (pids) => {
        if (refuses) throw new Deno.errors.WouldBlock("no more processes");
        return await system.lookup(pids);
      },
    },
  });
  // Its URL is asked for longer than its processor time is measured.
  const silent = await servers.bench.start(servers.command("socket.ts"));
  await servers.port(silent);
  refuses = true;
  await assertRejects(() => servers.listed(silent), Deno.errors.WouldBlock);
  refuses = false;
  assertEquals((await servers.listed(silent)).status, "running");
});

Deno.test("CPU is counted over all members, between two looks", async () => {
  await using servers = await Servers.create();
  let busy = await servers.bench.shReady("echo ready; sh -c 'while :; do :; done' & wait");
  const idle = await servers.bench.start(["sleep", "1000"]);
  // Where many want a processor, it may get none for the tenth of a second of a first look.
  const first = await until(async () => {
    const { cpu_percent } = await servers.listed(busy);
    assert(cpu_percent !== null);
    if (cpu_percent > 0) return { cpu_percent };
    busy = await servers.bench.restart({ pid: busy.pid ?? 0 });
    await servers.bench.printed(busy, "ready");
    return null;
  }, { what: "a share at the first look" });
  const second = await until(async () => {
    const now = await servers.listed(busy);
    const share = now.cpu_percent ?? 0;
    return share !== first.cpu_percent && share > 10 ? { ...now, share } : null;
  }, { what: "another share" });
  assert(second.share < 1_000);
  assertEquals(second.process_count, 2);
  assertEquals((await servers.listed(idle)).cpu_percent, 0);
});

Deno.test("who holds the port is named at the end of a run: a process of persistproc", async () => {
  await using servers = await Servers.create();
  const web = await servers.bench.start(servers.command("socket.ts"), { label: "web" });
  const port = await servers.port(web);
  const late = await servers.bench.start(servers.command("serve.ts", port, "127.0.0.1"), {
    label: "late",
  });
  const { reason, exit_code } = await servers.bench.ended(late);
  assertEquals(exit_code, 1);
  assertMatch(reason, /^exited with code 1 after /);
  assertStringIncludes(reason, `probably ${port}, is held by "web" (PID ${web.pid})`);
  assertStringIncludes(reason, `persistproc stop ${web.pid}`);
  assertEquals((await servers.listed(late)).reason, reason);
});

Deno.test("who holds the port is named: a stranger, with the command that ends it, and it lives", async () => {
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = stranger.addr;
  // In a process that persistproc did not start, and that is not the server either.
  const helper = new Deno.Command("sleep", { args: ["1000"], stdin: "null" }).spawn();
  try {
    await using other = await Servers.create({
      listeners: {
        listeners: () => Promise.resolve([{ address: "127.0.0.1", port, pid: helper.pid }]),
      },
    });
    const failing = await other.bench.sh(
      `echo "Error: listen EADDRINUSE: address already in use 127.0.0.1:${port}" >&2; exit 1`,
    );
    const { reason } = await other.bench.ended(failing);
    assertStringIncludes(reason, `port ${port} is held by PID ${helper.pid} (`);
    assertStringIncludes(reason, `sleep 1000 in ${Deno.cwd()}, user `);
    assertStringIncludes(reason, "which persistproc did not start");
    assertMatch(reason, /user \S+\)/);
    assertStringIncludes(reason, `kill ${helper.pid}`);
    assert(await other.bench.lives(helper.pid));
  } finally {
    helper.kill("SIGKILL");
    await helper.status;
  }
});

Deno.test("a process that complains and lives on is explained as long as the port is held", async () => {
  await using servers = await Servers.create();
  const web = await servers.bench.start(servers.command("socket.ts"), { label: "web" });
  const port = await servers.port(web);
  const watcher = await servers.bench.sh(`echo "Port ${port} is in use"; echo ready; sleep 1000`);
  await servers.bench.printed(watcher, "ready");
  assertStringIncludes((await servers.listed(watcher)).reason, `port ${port} is held by "web"`);
  await servers.bench.stop({ label: "web" });
  assertEquals((await servers.listed(watcher)).reason, "started by terminal");
});

Deno.test("a port that is free again, or held by what the program itself left, is told as that", async () => {
  await using servers = await Servers.create();
  const complain = (port: unknown) => `echo "Error: Port ${port} is already in use" >&2; exit 1`;
  const free = freePort();
  const late = await servers.bench.ended(await servers.bench.sh(complain(free)));
  assertStringIncludes(late.reason, `port ${free} was in use; nobody is seen to listen on it now`);
  const taken = freePort();
  const own = await servers.bench.sh(
    `${servers.shell("socket.ts", taken)} >out & until grep -q ready out; do sleep 0.05; done; ` +
      complain(taken),
    { label: "own" },
  );
  const { reason, pid } = await servers.bench.ended(own);
  assertMatch(reason, new RegExp(`port ${taken} is held by "own" \\(PID \\d+, left behind`));
  assertStringIncludes(reason, `persistproc stop ${pid}`);
  await servers.bench.stop({ pid: pid ?? 0 });
  assertEquals((await servers.listed(own)).ports, []);
});

Deno.test("a failure for another reason, a stop and a success say nothing about ports", async () => {
  await using servers = await Servers.create();
  const failing = await servers.bench.sh("echo 'port 80 is a port'; exit 1");
  assertMatch(
    (await servers.bench.ended(failing)).reason,
    /^exited with code 1 after [\d.]+ m?s; it said: port 80 is a port$/,
  );
  const fine = await servers.bench.sh("echo 'Port 80 is already in use'; exit 0");
  assertMatch((await servers.bench.ended(fine)).reason, /^exited with code 0 after [\d.]+ m?s$/);
});

Deno.test("nothing is asked of the system when nothing runs", async () => {
  let asked = 0;
  const listeners = { listeners: () => Promise.resolve((asked++, [])) };
  await using servers = await Servers.create({ listeners });
  await servers.bench.ended(await servers.bench.sh("exit 0"));
  // A keeper that was seen while it ended is looked for once more.
  await until(async () => {
    asked = 0;
    await servers.bench.supervisor.list({});
    return asked === 0;
  }, { what: "a list that asks nobody" });
  await servers.bench.start(["sleep", "1000"]);
  await servers.bench.start(["sleep", "1001"]);
  await servers.bench.supervisor.list({});
  assertEquals(asked, 1);
});
