import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Agent } from "../support/agent.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const ERAS = ["modern", "auto", "legacy", "v1"] as const;

async function ctrl(agent: Agent, parameters: Record<string, unknown>) {
  const { structured, isError, text } = await agent.call("ctrl", parameters);
  assert(!isError && structured, text);
  return structured;
}

const request = (id: number, method: string, params: Record<string, unknown> = {}) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params }) + "\n";

const call = (id: number, name: string, parameters: Record<string, unknown>) =>
  request(id, "tools/call", { name, arguments: parameters });

const initialize = request(1, "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "Pipe", version: "1" },
});

for (const era of ERAS) {
  Deno.test(`the bridge (${era}) starts the server, and starts with its own environment and directory`, async () => {
    await using workspace = await Workspace.create();
    await Deno.mkdir(workspace.path("shop", "api"), { recursive: true });
    await using agent = await workspace.bridge({
      era,
      name: "Stdio Agent",
      cwd: "shop",
      env: { FROM_BRIDGE: "bridge" },
    });
    assertEquals((await agent.tools()).map(({ name }) => name), ["ctrl", "list", "output"]);
    const command = "sh -c 'echo $FROM_BRIDGE in $PWD; exec sleep 1000'";
    const started = await ctrl(agent, { action: "start", command_or_label: command });
    assertEquals(started.environment_source, "caller");
    await until(
      async () =>
        (await agent.call("output")).text.startsWith(`bridge in ${workspace.path("shop")}\n`),
      { what: "the output of the program" },
    );
    await ctrl(agent, { action: "start", command_or_label: command, working_directory: "api" });
    const { structured } = await agent.call("list", { working_directory: "api" });
    const [listed, ...others] = structured?.processes as Record<string, unknown>[];
    assertEquals(
      [listed?.working_directory, listed?.started_by, others.length],
      [workspace.path("shop/api"), "Stdio Agent", 0],
    );
  });
}

Deno.test("the environment of a bridge is nowhere but with the process that it started", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve(["-v"]);
  const secret = "not-for-the-log-4711";
  await using agent = await workspace.bridge({ env: { SECRET: secret } });
  await ctrl(agent, { action: "start", command_or_label: "sleep 1000" });
  await agent.call("ctrl", { action: "start", command_or_label: "no-such-program" });
  const files: string[] = [];
  const look = async (directory: string) => {
    for await (const entry of Deno.readDir(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory) await look(path);
      else if (entry.isFile && (await Deno.readTextFile(path)).includes(secret)) {
        files.push(entry.name);
      }
    }
  };
  await look(workspace.dataDirectory);
  assertEquals(files, ["process.json"]);
});

Deno.test("a bridge says nothing but the protocol, answers what it was asked, and ends with its input", async () => {
  await using workspace = await Workspace.create();
  const { code, stdout, stderr } = await workspace.run(["mcp"], {
    stdin: initialize + '{"jsonrpc":"2.0","method":"notifications/initialized"}\n\nnonsense\n' +
      request(2, "tools/list") + `[${request(3, "ping").trim()}]\n` + request(4, "no/such") +
      call(5, "list", { nonsense: 1 }),
  });
  assertEquals(code, 0);
  // deno-lint-ignore no-explicit-any -- answers of several kinds
  const answers: any[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  assertEquals([...byId.keys()].sort(), [1, 2, 3, 4, 5, null]);
  assertEquals(byId.get(1).result.protocolVersion, "2025-06-18");
  assertEquals(byId.get(2).result.tools.length, 3);
  assertEquals(byId.get(3).result, {});
  assertEquals(byId.get(4).error.code, -32601);
  assert(byId.get(5).result.isError);
  assertEquals(byId.get(null).error.code, -32700);
  assertStringIncludes(stderr, "started a server");
  assert(await workspace.isServing());
});

Deno.test("a bridge ends when nobody reads its answers any more", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const bridge = workspace.spawnCommand(
    ["sh", "-c", 'exec 3>&1; "$@" | head -n 1 >&3', "sh", ...workspace.command(["mcp"])],
  );
  await bridge.write(initialize);
  await bridge.waitFor("protocolVersion");
  // The reader may take some more before it has gone.
  await until(async () => {
    await bridge.write(request(2, "ping"));
    return bridge.ended;
  }, { what: () => bridge.describe() });
  assertEquals((await bridge.end()).code, 0);
});

Deno.test("a call under way when the server is killed is answered; what is safe is asked again", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await using agent = await workspace.bridge();
  const start = { action: "start", command_or_label: "sleep 1000" };
  const { label } = await ctrl(agent, start);
  const wait = { port: 1, timeout_seconds: 40 };
  const restarting = agent.call("ctrl", { action: "restart", label, wait_for: wait });
  await until(async () => {
    const { structured } = await agent.call("list");
    const [one] = structured?.processes as { restarts: number; pid: number | null }[];
    return one?.restarts === 1 && one.pid !== null;
  }, { what: "the restart" });
  const reading = agent.call("output", { command_or_label: label, wait_for: wait });
  await agent.call("list");
  server.kill("SIGKILL");
  await server.end();
  const restarted = await restarting;
  assert(restarted.isError);
  assertMatch(restarted.text, /ended before it answered.*Call `list`/s);
  assertEquals((await ctrl(agent, { action: "stop", label })).status, "exited");
  // Asked again of the next server, which the bridge has started: the end of the process ends it.
  const read = await reading;
  assert(!read.isError, read.text);
});

Deno.test("a cancelled call has no answer, and the bridge goes on", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const bridge = workspace.spawn(["mcp"]);
  await bridge.write(
    call(1, "ctrl", { action: "start", command_or_label: "sleep 1000", label: "web" }),
  );
  await bridge.waitFor('"id":1');
  await bridge.write(
    call(2, "output", { command_or_label: "web", wait_for: { port: 1, timeout_seconds: 50 } }),
  );
  await bridge.write(
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}\n' +
      // It ends the wait, so that there would be something to answer.
      call(3, "ctrl", { action: "stop", label: "web" }),
  );
  await bridge.waitFor('"id":3');
  await bridge.closeInput();
  const { code, stdout } = await bridge.end();
  assertEquals([code, stdout.includes('"id":2')], [0, false]);
});

Deno.test("a bridge that may not start a server, or finds another's, says so to the model", async () => {
  await using workspace = await Workspace.create();
  const alone = await workspace.run(["mcp", "--no-autostart"], {
    stdin: initialize + call(2, "list", {}),
  });
  assertEquals(alone.code, 0);
  const [first, second] = alone.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertStringIncludes(first.error.message, "persistproc serve");
  assert(second.result.isError);
  await workspace.serve();
  const other = await workspace.run(["--data-dir", workspace.path("other"), "mcp"], {
    stdin: call(2, "list", {}),
  });
  assertStringIncludes(other.stdout, "is not the one of");
});

Deno.test("who got the port of a server that was killed hears neither token nor environment", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  await using agent = await workspace.bridge({ env: { SECRET: "not-for-strangers" } });
  const start = { action: "start", command_or_label: "sleep 1000" };
  await ctrl(agent, start);
  server.kill("SIGKILL");
  await server.end();
  const heard: string[] = [];
  const stranger = Deno.serve(
    { hostname: "127.0.0.1", port: workspace.port, onListen: () => {} },
    async (request) => {
      heard.push([...request.headers].join() + await request.text());
      return Response.json({ name: "persistproc", version: "0.3.0", pid: 1, proof: "none" });
    },
  );
  try {
    const { isError, text } = await agent.call("ctrl", start);
    assert(isError, text);
    assertStringIncludes(text, "is not the one of");
  } finally {
    await stranger.shutdown();
  }
  const token = (await Deno.readTextFile(join(workspace.dataDirectory, "token"))).trim();
  assert(heard.length > 0);
  for (const request of heard) {
    for (const secret of [token, "not-for-strangers", "authorization"]) {
      assert(!request.includes(secret), request);
    }
  }
  await workspace.serve();
  assertEquals((await ctrl(agent, start)).already_running, true);
});

for (const era of ERAS) {
  for (const wire of ["HTTP", "the bridge"] as const) {
    Deno.test(`a client (${era}) over ${wire} goes on when the server was killed and started again`, async () => {
      await using workspace = await Workspace.create();
      const first = await workspace.serve();
      await using agent = wire === "HTTP"
        ? await workspace.agent({ era })
        : await workspace.bridge({ era });
      const { pid } = await ctrl(agent, {
        action: "start",
        command_or_label: "sleep 1000",
        working_directory: workspace.directory,
      });
      first.kill("SIGKILL");
      await first.end();
      await workspace.serve();
      const { structured } = await agent.call("list");
      const [info] = structured?.processes as Record<string, unknown>[];
      assertEquals([info?.pid, info?.status], [pid, "running"]);
      assertEquals((await agent.tools()).length, 3);
    });
  }
}
