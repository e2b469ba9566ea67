/** Readers that never read: neither the program nor the server notices them. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { quoteForSh } from "../../lib/system/script.ts";
import { runningCommands } from "../support/commands.ts";
import { tell, times } from "../support/faults.ts";
import { assertFlood, Flood, FLOOD_CODE } from "../support/flood.ts";
import { logSize } from "../support/log_files.ts";
import { residentMebibytes } from "../support/memory.ts";
import { programCommand } from "../support/program.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

Deno.test("readers that never read hold up neither the program nor the server", async () => {
  const readers = times({ full: 20, ci: 5 });
  const enough = times({ full: 100, ci: 20 }) * 1024 * 1024;
  await using workspace = await Workspace.create();
  const server = await workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: "4G" } });
  const flood = new Flood(workspace, { burst: 4_000, pause: 0.01 });
  const started = await workspace.runJson(["start", "--label", "flood", ...flood.command]);
  const silent: Disposable[] = [];
  for (let n = 0; n < readers; n++) {
    const view = [["output", "--follow", "--label", "flood"], ["run", "--label", "flood"]][n % 2];
    const words = n % 2 ? [...view ?? [], ...flood.command] : view ?? [];
    // A pipe that somebody holds and nobody reads.
    const line = `${quoteForSh([...programCommand, ...words])} | sleep 4242`;
    workspace.spawnCommand(["sh", "-c", line], { stdin: "" });
    silent.push(await silentRequest(workspace, "GET /api/events", null));
    silent.push(await silentRequest(workspace, "POST /mcp", readAll));
  }
  // Each change is an event for each of those who do not read events.
  for (let n = 0; n < 20; n++) {
    await workspace.runJson(["start", "--label", "other", "sleep", "4242"]);
    await workspace.runJson(["stop", "--label", "other"]);
  }
  await until(async () => await logSize(started.log_stdout) > enough, {
    what: () => `${enough} bytes of the flood`,
    timeout: 120_000,
  });
  const lines = await flood.end();
  const ended = await until(
    async () =>
      (await workspace.processes()).find((process: Record<string, string>) =>
        process.label === "flood" && process.status === "exited"
      ),
    { what: "the end of the flood" },
  );
  assertEquals(ended.exit_code, FLOOD_CODE);
  const bytes = await assertFlood(ended.log_stdout, "out", lines) +
    await assertFlood(ended.log_stderr, "err", lines);
  const memory = await residentMebibytes(server.pid);
  assert(memory < 300, `the server takes ${memory} MiB`);
  const viewers = await runningCommands(workspace, / (output --follow|run --label flood)/);
  assertEquals(viewers.length, readers);
  const most = Math.max(
    ...await Promise.all(viewers.map(({ pid }) => residentMebibytes(pid))),
  );
  assert(most < 150, `a viewer takes ${most} MiB`);
  for (const request of silent) request[Symbol.dispose]();
  const note = `server ${memory.toFixed()} MiB, viewers at most ${most.toFixed()} MiB`;
  await tell({ fault: "5 a reader that never reads", times: readers * 3, bytes, note });
});

const readAll = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: {
    name: "output",
    arguments: { command_or_label: "flood", lines: 1_000_000, max_characters: 30_000 },
  },
});

/** Sends a request and reads nothing of the answer. */
async function silentRequest(
  workspace: Workspace,
  request: string,
  body: string | null,
): Promise<Disposable> {
  const token = (await Deno.readTextFile(join(workspace.dataDirectory, "token"))).trim();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: workspace.port });
  const version = (await workspace.server())?.version ?? "";
  const text = [
    `${request} HTTP/1.1`,
    `Host: 127.0.0.1:${workspace.port}`,
    `Authorization: Bearer ${token}`,
    `X-Persistproc-Version: ${version}`,
    "Accept: application/json, text/event-stream",
    "Content-Type: application/json",
    ...body === null ? [] : [`Content-Length: ${body.length}`],
    "",
    body ?? "",
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(text));
  return { [Symbol.dispose]: () => connection.close() };
}
