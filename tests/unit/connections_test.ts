/** Whose a connection is, from the system's table of connections. */
import { assert, assertEquals } from "@std/assert";
import { whoseConnections } from "../../lib/server/connections.ts";
import { askProgram } from "../../lib/system/ask.ts";
import { parseLsofPeers, type Peer, systemPeers } from "../../lib/system/peers.ts";
import { parsePeers } from "../../lib/system/proc_sockets.ts";
import { until } from "../support/until.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid" +
  "  timeout inode\n";
const REST = "00000000:00000000 02:000000A0 00000000";

function row(local: string, remote: string, state: string, uid: number): string {
  return `   7: ${local} ${remote} ${state} ${REST} ${uid}        0 4711 1 00000000dc54 20 4 30 10 -1\n`;
}

/** Port 8947 of 127.0.0.1. */
const SERVER = "0100007F:22F3";
const MAPPED = "0000000000000000FFFF00000100007F";

Deno.test("peers are the other ends of established connections to the port of 127.0.0.1", () => {
  const tables = HEAD +
    row(SERVER, "00000000:0000", "0A", 1000) +
    row("0100007F:D431", SERVER, "01", 1001) +
    // The server's own end of it.
    row(SERVER, "0100007F:D431", "01", 1000) +
    // Closed: TIME_WAIT and FIN_WAIT2 without a socket say 0.
    row("0100007F:D432", SERVER, "06", 0) +
    row("0100007F:D433", SERVER, "05", 0) +
    // The same port elsewhere, and another one here.
    row("0100007F:D434", "08080808:22F3", "01", 1000) +
    row("0100007F:D435", "0200007F:22F3", "01", 1000) +
    row("0100007F:D436", "0100007F:22F4", "01", 1000) +
    HEAD +
    row(`${MAPPED}:D437`, `${MAPPED}:22F3`, "01", 65534) +
    row("00000000000000000000000001000000:D438", "00000000000000000000000001000000:22F3", "01", 5);
  assertEquals(parsePeers(tables, 8947), [
    { address: "127.0.0.1", port: 0xd431, uid: 1001 },
    { address: "127.0.0.1", port: 0xd437, uid: 65534 },
  ]);
  assertEquals(parsePeers("", 8947), []);
});

Deno.test("peers are read from lsof as macOS prints it", () => {
  const text =
    "p401\nu501\nf12\nn127.0.0.1:54321->127.0.0.1:8947\nf13\nn127.0.0.1:8947->127.0.0.1:9\n" +
    "p402\nu0\nf3\nn127.0.0.1:54322->127.0.0.1:8947\nf4\nn[::1]:54323->[::1]:8947\n" +
    "p403\nf3\nn127.0.0.1:54324->127.0.0.1:8947\n";
  assertEquals(parseLsofPeers(text, 8947), [
    { address: "127.0.0.1", port: 54321, uid: 501 },
    { address: "127.0.0.1", port: 54322, uid: 0 },
  ]);
});

Deno.test("the look-up is asked of cat on Linux and of lsof elsewhere, and null where neither is", async () => {
  const asked: string[] = [];
  const ask = (program: string) => {
    asked.push(program);
    return Promise.resolve(null);
  };
  assertEquals(await systemPeers(1, ask, "linux")(), null);
  assertEquals(await systemPeers(1, ask, "darwin")(), null);
  assertEquals(asked, ["cat", "lsof"]);
});

for (const [os, program] of [["linux", "cat"], ["darwin", "lsof"]] as const) {
  Deno.test({
    name: `this user's connection is found as ours, and not once it is closed, by ${program}`,
    ignore: Deno.build.os !== os && await askProgram(program, ["--version"]) === null,
    async fn() {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      const whose = whoseConnections({
        port,
        uid: Deno.uid(),
        lookUp: systemPeers(port, askProgram, os),
      });
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      using accepted = await listener.accept();
      const { signal } = new AbortController();
      const remote = accepted.remoteAddr;
      await until(async () => await whose({ remote, signal }) === "ours", { what: "the caller" });
      assertEquals(await whose({ remote: { ...remote, port: port }, signal }), "unknown");
      assertEquals(
        await whose({ remote: { ...remote, hostname: "127.0.0.2" }, signal }),
        "unknown",
      );
      client.close();
      await until(async () => await whose({ remote, signal }) === "unknown", { what: "its end" });
    },
  });
}

const REMOTE: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 50_000 };
const { signal } = new AbortController();
const peer = (uid: number): Peer => ({ address: "127.0.0.1", port: 50_000, uid });

/** Whose the connection is, where the table says this. */
function tell(peers: Peer[] | null, uid: number | null = 1000) {
  const lookUp = () => Promise.resolve(peers);
  return whoseConnections({ port: 8947, uid, lookUp })({ remote: REMOTE, signal });
}

Deno.test("a connection is ours only when the table says so, and nothing else", async () => {
  assertEquals(await tell([peer(1000)]), "ours");
  assertEquals(await tell([peer(0)], 0), "ours");
  assertEquals(await tell([peer(1001)]), "another user's");
  // Root may do everything, but the server of another user is not root's.
  assertEquals(await tell([peer(0)]), "another user's");
  assertEquals(await tell([peer(1000)], 0), "another user's");
  assertEquals(await tell([peer(1000), peer(1001)]), "another user's");
  assertEquals(await tell([]), "unknown");
  assertEquals(await tell(null), "unknown");
  assertEquals(await tell([peer(1000)], null), "unknown");
  const failing = whoseConnections({
    port: 8947,
    uid: 1000,
    lookUp: () => Promise.reject(new Error("no")),
  });
  assertEquals(await failing({ remote: REMOTE, signal }), "unknown");
});

Deno.test("no answer is kept: the same port may be another user's the next time", async () => {
  const uids = [1000, 1001, 1000];
  const lookUp = () => Promise.resolve([peer(uids.shift() ?? -1)]);
  const whose = whoseConnections({ port: 8947, uid: 1000, lookUp });
  const ask = () => whose({ remote: REMOTE, signal });
  assertEquals([await ask(), await ask(), await ask()], ["ours", "another user's", "ours"]);
});

Deno.test("a request that comes during a look gets one that begins after it", async () => {
  const looks: PromiseWithResolvers<Peer[]>[] = [];
  const lookUp = () => {
    const look = Promise.withResolvers<Peer[]>();
    looks.push(look);
    return look.promise;
  };
  const whose = whoseConnections({ port: 8947, uid: 1000, lookUp });
  const first = whose({ remote: REMOTE, signal });
  await until(() => looks.length === 1, { what: "the first look" });
  const others = [whose({ remote: REMOTE, signal }), whose({ remote: REMOTE, signal })];
  looks[0]?.resolve([peer(1000)]);
  assertEquals(await first, "ours");
  await until(() => looks.length === 2, { what: "the second look" });
  looks[1]?.resolve([peer(1001)]);
  assertEquals(await Promise.all(others), ["another user's", "another user's"]);
  assertEquals(looks.length, 2);
});

Deno.test("a connection that has ended meanwhile is nobody's, whoever has its port now", async () => {
  const gone = new AbortController();
  const lookUp = () => {
    // Told in the same turn as the table is read, at the earliest.
    queueMicrotask(() => gone.abort());
    return Promise.resolve([peer(1000)]);
  };
  const whose = whoseConnections({ port: 8947, uid: 1000, lookUp });
  assertEquals(await whose({ remote: REMOTE, signal: gone.signal }), "unknown");
  assert(gone.signal.aborted);
});
