/** Files of a server that was killed, or whose machine lost its power. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { findServer } from "../../lib/cli/discovery.ts";
import { readSettings } from "../../lib/cli/settings.ts";
import { OptionValues } from "../../lib/cli/values.ts";
import { Workspace } from "../support/workspace.ts";

Deno.test("server.json of a dead server, its PID and port now somebody else's, misleads nobody", async () => {
  await using workspace = await Workspace.create();
  await using stranger = workspace.spawnCommand(["sleep", "1000"]);
  await using listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("I am somebody else"),
  );
  const { port } = listener.addr;
  await Deno.mkdir(workspace.dataDirectory, { mode: 0o700 });
  const file = {
    pid: stranger.pid,
    port,
    version: "0.3.0",
    started_at: "2026-01-01T00:00:00.000Z",
  };
  await Deno.writeTextFile(join(workspace.dataDirectory, "server.json"), JSON.stringify(file));
  await Deno.writeTextFile(join(workspace.dataDirectory, "lock"), "");
  await Deno.writeTextFile(join(workspace.dataDirectory, "token"), "", { mode: 0o600 });

  const run = await workspace.run(["run", "echo", "hello"]);
  assertEquals([run.code, run.stdout], [0, "hello\n"], run.stderr);
  assertNotEquals((await workspace.server())?.pid, stranger.pid);
  assertEquals((await workspace.run(["shutdown"])).code, 0);
  assertEquals(stranger.ended, null, "it was not signalled");
});

Deno.test("the port that a dead server has left in server.json is not insisted on", async () => {
  await using workspace = await Workspace.create();
  await using listener = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("I am somebody else"),
  );
  await Deno.mkdir(workspace.dataDirectory, { mode: 0o700 });
  const file = { pid: 1, port: listener.addr.port, version: "0.3.0" };
  await Deno.writeTextFile(join(workspace.dataDirectory, "server.json"), JSON.stringify(file));
  const settings = readSettings(
    new OptionValues(),
    { PERSISTPROC_DATA_DIR: workspace.dataDirectory },
    workspace.directory,
  );
  assertEquals(await findServer({ ...settings, port: workspace.port }), null);
});

for (const text of ["", '{"pid": 12', '{"pid": "x", "port": null}', "null", "\0\0\0\0"]) {
  Deno.test(`a server.json that is ${JSON.stringify(text)} is replaced`, async () => {
    await using workspace = await Workspace.create();
    await Deno.mkdir(workspace.dataDirectory, { mode: 0o700 });
    await Deno.writeTextFile(join(workspace.dataDirectory, "server.json"), text);
    const run = await workspace.run(["run", "echo", "hello"]);
    assertEquals([run.code, run.stdout], [0, "hello\n"], run.stderr);
  });
}
