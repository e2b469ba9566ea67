/** Another program that gets the server's port gets nothing else, and the server does not hide it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { processState } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";
import { untilWatching } from "../../support/watching.ts";
import { freePort, Workspace } from "../../support/workspace.ts";

const THIEF = fromFileUrl(new URL("../../support/port_thief.ts", import.meta.url));

/** Opens more connections than there are descriptors, until something has come of it. */
async function exhaust(port: number, isOver: () => boolean): Promise<void> {
  const held: Deno.Conn[] = [];
  try {
    for (let n = 0; n < 400 && !isOver(); n++) {
      held.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    }
  } catch {
    // Between two listeners there is none.
  } finally {
    for (const connection of held) connection.close();
  }
}

Deno.test("a server whose port is stolen says so and ends, its processes go on, and no token is told", async () => {
  await using workspace = await Workspace.create();
  const { port, dataDirectory } = workspace;
  const server = workspace.spawnCommand([
    ...["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"],
    ...workspace.command(["serve"]),
  ]);
  await until(() => workspace.isServing(), { what: () => server.describe() });
  const { pid } = await workspace.runJson(["start", "--label", "own", "--", "sleep", "4242"]);
  await untilWatching(server.pid);
  const thief = workspace.spawnCommand([
    ...[Deno.execPath(), "run", "-q", "--no-config", "--allow-net=127.0.0.1", THIEF, String(port)],
  ]);
  await thief.waitFor("waiting");
  const isStolen = () => thief.stdout.includes("stolen");
  await until(async () => {
    await exhaust(port, isStolen);
    return isStolen();
  }, { what: () => `${server.describe()}\n${thief.describe()}`, timeout: 120_000 });

  const { code, stderr } = await server.end();
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, `Port ${port} is taken by `);
  const log = await Deno.readTextFile(join(dataDirectory, "server.log"));
  assertStringIncludes(log, `Port ${port} is taken by `);
  assertStringIncludes(log, "lost port, processes keep running");
  assert(await processState(pid) !== null);

  const list = await workspace.run(["list"], { env: { SECRET: "of the environment" } });
  assertEquals(list.code, 1);
  assertStringIncludes(list.stderr, `Port ${port} is held by a program that is not persistproc.`);
  const token = (await Deno.readTextFile(join(dataDirectory, "token"))).trim();
  for (const secret of [token, "of the environment"]) assert(!thief.stdout.includes(secret));

  // Elsewhere everything goes on.
  const env = { PERSISTPROC_PORT: String(freePort()) };
  const again = workspace.spawn(["serve"], { env });
  await again.waitFor("serves MCP");
  const found = (await workspace.runJson(["list"], { env })).processes;
  assertEquals(found.map((process: { pid: number }) => process.pid), [pid]);
});
