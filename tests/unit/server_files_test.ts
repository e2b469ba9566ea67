import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { lockDataDirectory } from "../../lib/server/data_lock.ts";
import { listen } from "../../lib/server/listen.ts";
import { removeServerFile, writeServerFile } from "../../lib/server/server_file.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { ensureToken } from "../../lib/server/token.ts";
import { requestLoopback } from "../../lib/system/loopback_request.ts";
import { dataPaths } from "../../lib/system/paths.ts";
import { until } from "../support/until.ts";

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("the token is made once, for this user only", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "token");
    const token = await ensureToken(path);
    assert(/^[0-9a-f]{64}$/.test(token), token);
    assertEquals(await ensureToken(path), token);
    assertEquals(await modeOf(path), 0o600);
  }));

Deno.test("a token that makes no sense is replaced, one that others can read is refused", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "token");
    await Deno.writeTextFile(path, "", { mode: 0o600 });
    assertEquals((await ensureToken(path)).length, 64);
    await Deno.chmod(path, 0o644);
    await assertRejects(() => ensureToken(path), PersistprocError, "can read");
  }));

Deno.test("a second server of a data directory is told who the first one is", () =>
  inDirectory(async (directory) => {
    const paths = dataPaths(directory);
    {
      using _first = await lockDataDirectory(paths);
      await assertRejects(() => lockDataDirectory(paths), PersistprocError, "just starting");
      const server = { pid: 4711, port: 8948, version: "0.3.0", started_at: "now" };
      await writeServerFile(paths.server, server);
      assertEquals(await modeOf(paths.server), 0o600);
      await assertRejects(
        () => lockDataDirectory(paths),
        PersistprocError,
        "PID 4711 on port 8948",
      );
    }
    using _second = await lockDataDirectory(paths);
    await removeServerFile(paths.server);
    await removeServerFile(paths.server);
  }));

Deno.test("who has the port is named: persistproc, a program, and soon when it is silent", async () => {
  await using persistproc = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ name: "persistproc", version: "9.9.9", pid: 4711 }),
  );
  const refused = (port: number) =>
    assertRejects(() => listen(port, () => new Response()), PersistprocError);
  const named = async () =>
    (await refused(persistproc.addr.port)).message.includes("persistproc 9.9.9 (PID 4711)");
  await until(named, { what: "its name" });

  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await refused(silent.addr.port);
  assert(error.message.includes(`Port ${silent.addr.port} is taken by`), error.message);
  assert(error.hint?.includes("--port"), error.hint);
});

Deno.test("a server that breaks off answers nobody, and nobody reaches it any more", async () => {
  const asked = Promise.withResolvers<void>();
  const http = await listen(0, () => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  const early = assertRejects(
    () => requestLoopback(http.port, { path: "/" }),
    Deno.errors.UnexpectedEof,
  );
  await asked.promise;
  await http.breakOff();
  await early;
  await assertRejects(
    () => requestLoopback(http.port, { path: "/" }),
    Deno.errors.ConnectionRefused,
  );
  await http.close();
});

Deno.test("the server's log stays bounded, keeps its newest lines whole, and is for this user only", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "server.log");
    const log = new ServerLog(path, { maxBytes: 2_000, now: () => 0 });
    for (let i = 0; i < 200; i++) {
      log.write(`message ${i}`);
      assert((await Deno.stat(path)).size <= 2_000);
    }
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assertEquals(lines.at(-1), "1970-01-01T00:00:00.000Z message 199");
    assert(lines.length > 10);
    for (const line of lines) assert(/^1970\S+ message \d+$/.test(line), line);
    assertEquals(await modeOf(path), 0o600);
    assertEquals((await Array.fromAsync(Deno.readDir(directory))).length, 1);
  }));

Deno.test("a message cannot forge another, or steer the terminal of who reads the log", () =>
  inDirectory(async (directory) => {
    const path = join(directory, "server.log");
    new ServerLog(path, { now: () => 0 }).write("one\n1970-01-01T00:00:00.000Z two\x1b[31m\r");
    assertEquals(
      await Deno.readTextFile(path),
      "1970-01-01T00:00:00.000Z one\n  1970-01-01T00:00:00.000Z two\\x1b[31m\\x0d\n",
    );
  }));

Deno.test("a log that cannot be written ends nothing", () => {
  new ServerLog("/nonexistent/server.log").write("message");
});
