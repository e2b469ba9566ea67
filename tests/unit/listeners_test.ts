/** Who listens where: asked of the system in each of the ways that it may offer. */
import { assert, assertEquals } from "@std/assert";
import { askProgram } from "../../lib/system/ask.ts";
import { parseLsof, parseSs, systemListeners } from "../../lib/system/listeners.ts";
import { parseSocketTable } from "../../lib/system/proc_sockets.ts";

const WAYS: Record<string, string[]> = {
  "ss": [],
  "/proc, without ss": ["ss"],
  "lsof, without ss and /proc": ["ss", "cat"],
};

for (const [way, missing] of Object.entries(WAYS)) {
  Deno.test({
    name: `every listener of this program is found by ${way}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const table = systemListeners((program, args) =>
        missing.includes(program) ? Promise.resolve(null) : askProgram(program, args)
      );
      using four = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      using six = Deno.listen({ hostname: "::1", port: 0 });
      const { port } = four.addr;
      const own = (await table.listeners()).filter(({ pid }) => pid === Deno.pid);
      assertEquals(own.filter((listener) => listener.port === port), [
        { address: "127.0.0.1", port, pid: Deno.pid },
      ]);
      assertEquals(own.filter((listener) => listener.port === six.addr.port), [
        { address: "::1", port: six.addr.port, pid: Deno.pid },
      ]);
    },
  });
}

Deno.test("where nothing can be asked, nobody is known to listen", async () => {
  assertEquals(await systemListeners(() => Promise.resolve(null)).listeners(), []);
});

Deno.test("a program that is not there gives null, one that fails what it wrote", async () => {
  assertEquals(await askProgram("persistproc-no-such-program", []), null);
  assertEquals(await askProgram("sh", ["-c", "echo a; exit 3"]), "a\n");
});

Deno.test("the output of ss is read: workers, wildcards, interfaces, other users", () => {
  const text = [
    'LISTEN 0      511    127.0.0.1:9322  0.0.0.0:* users:(("a,pid=7,b",pid=21,fd=24),("nginx",pid=22,fd=6))',
    "LISTEN 0      128    0.0.0.0:22      0.0.0.0:*",
    'LISTEN 0      4096   127.0.0.53%lo:53 0.0.0.0:* users:(("resolved",pid=5,fd=3))',
    'LISTEN 0      511    *:3000          *:*       users:(("node",pid=31,fd=18),("node",pid=31,fd=19))',
    'LISTEN 0      511    [::ffff:127.0.0.1]:8080 *:* users:(("java",pid=41,fd=9))',
    'LISTEN 0      511    [fe80::1]%eth0:80 [::]:* users:(("x",pid=51,fd=9))',
    "",
  ].join("\n");
  assertEquals(parseSs(text).map(({ address, port, pid }) => `${address} ${port} ${pid}`), [
    "127.0.0.1 9322 21",
    "127.0.0.1 9322 22",
    "0.0.0.0 22 null",
    "127.0.0.53 53 5",
    ":: 3000 31",
    "127.0.0.1 8080 41",
    "fe80::1 80 51",
  ]);
});

Deno.test("the output of lsof is read, as macOS prints it", () => {
  const text = "p31\nf18\ntIPv6\nn*:3000\nf19\ntIPv4\nn*:3001\np32\nf4\ntIPv6\nn[::1]:5173\n";
  assertEquals(parseLsof(text).map(({ address, port, pid }) => `${address} ${port} ${pid}`), [
    ":: 3000 31",
    "0.0.0.0 3001 31",
    "::1 5173 32",
  ]);
});

Deno.test("the socket tables of /proc are joined with the descriptors", () => {
  const rest = "00000000:00000000 00:00000000 00000000  1000        0";
  const row = (local: string, state: string, inode: number) =>
    `   0: ${local} 00000000:0000 ${state} ${rest} ${inode} 1 0000 100 0 0 10 0\n`;
  const zeros = "0".repeat(24);
  const tables = "  sl  local_address\n" + row("0100007F:1F90", "0A", 11) +
    row("0100007F:1F91", "01", 12) + row(`${zeros}01000000:0050`, "0A", 13) +
    row(`${"0".repeat(32)}:0BB8`, "0A", 14) +
    row("0000000000000000FFFF00000100007F:1F92", "0A", 15);
  const links = "/proc/7/fd:\nlrwx------ 1 0 0 64 Jan 1 00:00 3 -> socket:[11]\n" +
    "lrwx------ 1 0 0 64 Jan 1 00:00 4 -> socket:[11]\n" +
    "/proc/8/fd:\nlrwx------ 1 0 0 64 Jan 1 00:00 3 -> socket:[11]\n" +
    "lrwx------ 1 0 0 64 Jan 1 00:00 5 -> socket:[13]\n";
  const found = parseSocketTable(tables, links);
  assertEquals(found.map(({ address, port, pid }) => `${address} ${port} ${pid}`), [
    "127.0.0.1 8080 7",
    "127.0.0.1 8080 8",
    "::1 80 8",
    ":: 3000 null",
    "127.0.0.1 8082 null",
  ]);
  assert(found.every(({ port }) => port > 0));
});
