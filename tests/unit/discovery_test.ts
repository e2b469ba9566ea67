/** What the command line says of whatever listens where its server may be. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { findServer } from "../../lib/cli/discovery.ts";
import type { Settings } from "../../lib/cli/settings.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { lockDataDirectory } from "../../lib/server/data_lock.ts";
import { dataPaths } from "../../lib/system/paths.ts";
import { withDirectory } from "../support/run_directory.ts";

const ON_LOOPBACK = { hostname: "127.0.0.1", port: 0, onListen() {} };

/** Settings with a data directory of their own, for what listens on a port. */
function withSettings(
  { port }: Deno.NetAddr,
  test: (settings: Settings) => Promise<void>,
): Promise<void> {
  return withDirectory((dataDirectory) =>
    test({ dataDirectory, port, portGiven: true } as Settings)
  );
}

/** A listener that does something with each connection, which it then closes, until it is closed. */
function listening(act: (connection: Deno.TcpConn) => Promise<void>): Deno.TcpListener {
  const listener = Deno.listen(ON_LOOPBACK);
  const serve = async () => {
    for await (const connection of listener) {
      await act(connection);
      connection.close();
    }
  };
  void serve();
  return listener;
}

Deno.test("a server with too much to do is said to have that, and waited for where one is needed", async () => {
  const error = { code: "limit_reached", message: "512 requests are under way." };
  await using busy = Deno.serve(ON_LOOPBACK, () => Response.json({ error }, { status: 429 }));
  await withSettings(busy.addr, async (settings) => {
    const { code } = await assertRejects(() => findServer(settings), PersistprocError);
    assertEquals(code, "limit_reached");
    assertEquals(await findServer(settings, { patient: true }), null);
  });
});

Deno.test("a server that stands still is not taken for a stranger", async () => {
  const connections: Deno.TcpConn[] = [];
  using listener = listening((connection) => {
    connections.push(connection);
    return new Promise(() => {});
  });
  const said = async (settings: Settings) =>
    (await assertRejects(() => findServer(settings), PersistprocError)).message;
  await Promise.all([
    withSettings(listener.addr, async (settings) => {
      assertMatch(await said(settings), /does not answer; it is no persistproc server/);
    }),
    withSettings(listener.addr, async (settings) => {
      using _lock = await lockDataDirectory(dataPaths(settings.dataDirectory));
      assertMatch(await said(settings), /does not answer: it is starting, or stands still/);
    }),
  ]);
  for (const connection of connections) connection.close();
});

Deno.test("a server that breaks off because it ends is gone, and no stranger", async () => {
  let broken = 0;
  const listener = listening(async (connection) => {
    await connection.read(new Uint8Array(1));
    if (++broken === 2) listener.close();
  });
  await withSettings(listener.addr, async (settings) => {
    assertEquals(await findServer(settings), null);
  });
  assertEquals(broken, 2);
});
