import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { join } from "@std/path";
import type { ProcessEvent } from "../../lib/protocol/requests.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Asks `/api` as the command line does. */
async function api(workspace: Workspace, path: string, body?: unknown): Promise<Response> {
  const server = await workspace.server();
  assert(server);
  const token = await Deno.readTextFile(join(workspace.dataDirectory, "token"));
  return await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${token.trim()}`,
      "content-type": "application/json",
      "x-persistproc-version": server.version,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function start(workspace: Workspace, command: string[], label: string) {
  const response = await api(workspace, "/api/ctrl", {
    request: { action: "start", command, label, working_directory: workspace.directory },
    caller: { name: "terminal", environment: workspace.environment },
  });
  const result = await response.json();
  assertEquals(response.status, 200, JSON.stringify(result));
  return result;
}

async function isAlive(pid: number): Promise<boolean> {
  return await processState(pid) !== null;
}

Deno.test("a server says where it is while it runs, to this user only", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const said = await workspace.server();
  assertEquals([said?.pid, said?.port], [server.pid, workspace.port]);
  for (const name of ["server.json", "token"]) {
    const { mode } = await Deno.stat(join(workspace.dataDirectory, name));
    assertEquals((mode ?? 0) & 0o777, 0o600, name);
  }
  assertEquals(((await Deno.stat(workspace.dataDirectory)).mode ?? 0) & 0o777, 0o700);
  server.kill("SIGTERM");
  assertEquals((await server.end()).code, 0);
  assertEquals(await workspace.server(), null);
});

Deno.test("a data directory has one server, and the second one says which", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  const { code, stdout, stderr } = await workspace.run(["serve"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `PID ${first.pid} on port ${workspace.port}`);
  assert(await workspace.isServing());
});

Deno.test("a port that another server has is not taken, and it is named", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  await using other = await Workspace.create();
  const port = String(workspace.port);
  const { code, stdout, stderr } = await other.run(["serve", "--port", port]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `Port ${port} is taken by persistproc`);
  assertStringIncludes(stderr, `PID ${first.pid}`);
  assertEquals(await other.server(), null);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`F51 ${signal} ends the server and the processes, which say so`, async () => {
    await using workspace = await Workspace.create();
    const server = await workspace.serve();
    const { pid, run_directory } = await start(workspace, ["sleep", "1000"], "sleeper");
    assert(await isAlive(pid));
    server.kill(signal);
    assertEquals((await server.end()).code, 0);
    assert(!await isAlive(pid));
    const record = await Deno.readTextFile(join(run_directory, "..", "process.json"));
    assertStringIncludes(record, `stopped by ${signal} to the server`);
  });
}

Deno.test("a second Ctrl+C kills what does not end", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const command = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"];
  const { pid, process, log_stdout } = await start(workspace, command, "stubborn");
  await until(async () => (await Deno.readTextFile(log_stdout)).includes("ready"), {
    what: "the trap",
  });
  const events = await api(workspace, `/api/events?process=${process}`);
  assert(events.body);
  server.kill("SIGINT");
  const lines = eventsOf(events.body);
  let last: ProcessEvent | undefined;
  for await (const event of lines) {
    if (event.process.status === "stopping" && last?.process.status !== "stopping") {
      server.kill("SIGINT");
    }
    last = event;
  }
  const { code, stderr } = await server.end();
  assertEquals(code, 0);
  assertMatch(stderr, /ending: SIGINT, waiting .* for stubborn; Ctrl\+C again kills/);
  assert(!await isAlive(pid));
  assertEquals([last?.process.status, last?.process.signal], ["exited", "SIGKILL"]);
});

function eventsOf(body: ReadableStream<Uint8Array>): AsyncIterable<ProcessEvent> {
  const parse = new TransformStream<string, ProcessEvent>({
    transform: (line, controller) => controller.enqueue(JSON.parse(line)),
  });
  return body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new TextLineStream()).pipeThrough(parse);
}

Deno.test("shutdown answers, tells viewers how their process ended, and ends the server", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const { pid, process } = await start(workspace, ["sleep", "1000"], "sleeper");
  const events = await api(workspace, `/api/events?process=${process}`);
  assert(events.body);
  const response = await api(workspace, "/api/shutdown", { keep: false });
  assertEquals(await response.json(), { pid: server.pid });
  const seen = await Array.fromAsync(eventsOf(events.body));
  assertEquals(seen[0]?.process.status, "running");
  assertEquals([seen.at(-1)?.process.status, seen.at(-1)?.process.pid], ["exited", pid]);
  assertEquals((await server.end()).code, 0);
  assert(!await isAlive(pid));
  assertEquals(await workspace.isServing(), false);
});

Deno.test("F51 shutdown can leave the processes running, and the next server has them", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  const { pid } = await start(workspace, ["sleep", "1000"], "sleeper");
  await (await api(workspace, "/api/shutdown", { keep: true })).body?.cancel();
  assertEquals((await server.end()).code, 0);
  assert(await isAlive(pid));
  await workspace.serve();
  const { processes } = await (await api(workspace, "/api/list", {})).json();
  assertEquals(
    processes.map((info: { pid: number; status: string }) => [info.pid, info.status]),
    [[pid, "running"]],
  );
});

Deno.test("a server that was killed leaves a lock that the next one takes", async () => {
  await using workspace = await Workspace.create();
  const first = await workspace.serve();
  first.kill("SIGKILL");
  await first.end();
  const second = await workspace.serve();
  assertEquals((await workspace.server())?.pid, second.pid);
});

Deno.test("the server's log names its beginning and its end", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve();
  server.kill("SIGTERM");
  await server.end();
  const log = await Deno.readTextFile(join(workspace.dataDirectory, "server.log"));
  assertMatch(log, new RegExp(`^\\S+Z persistproc \\S+ listens on port ${workspace.port}, PID`));
  assertMatch(log, /Z ending: SIGTERM\n/);
});

Deno.test("F53 web pages get nowhere", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const raw = async (head: string[], body = "") => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: workspace.port });
    const text = [...head, `Content-Length: ${body.length}`, "Connection: close", "", body];
    await connection.write(new TextEncoder().encode(text.join("\r\n")));
    return await new Response(connection.readable).text();
  };
  const own = `Host: 127.0.0.1:${workspace.port}`;
  const start = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "ctrl",
      arguments: {
        action: "start",
        command_or_label: "sleep 1000",
        working_directory: workspace.directory,
      },
    },
  });
  const json = "Content-Type: application/json";
  const accept = "Accept: application/json, text/event-stream";
  const attempts = [
    ["POST /mcp HTTP/1.1", "Host: rebound.example", json, accept],
    ["POST /mcp HTTP/1.1", own, json, accept, "Origin: http://rebound.example"],
    ["POST /mcp HTTP/1.1", own, json, accept, "Origin: http://localhost:3000"],
    ["POST /mcp HTTP/1.1", own, "Content-Type: text/plain", accept],
    ["POST /mcp HTTP/1.0", json, accept],
    ["OPTIONS /mcp HTTP/1.1", own, "Access-Control-Request-Method: POST"],
  ];
  for (const head of attempts) {
    const answer = await raw(head, start);
    assertMatch(answer, /^HTTP\/1\.[01] (403|405|415|400) /, head.join(" | "));
    assert(!/access-control/i.test(answer), answer);
  }
  const { processes } = await (await api(workspace, "/api/list", {})).json();
  assertEquals(processes, []);
});
