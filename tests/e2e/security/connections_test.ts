/** Connections that take as long as they can, or are more than there is room for. */
import { assert, assertEquals } from "@std/assert";
import { MAX_EVENT_STREAMS, MAX_REQUESTS } from "../../../lib/protocol/limits.ts";
import { Attacked } from "../../support/attacked.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { latin1, rawRequest } from "../../support/raw_http.ts";
import { until } from "../../support/until.ts";
import { untilWatching } from "../../support/watching.ts";
import { Workspace } from "../../support/workspace.ts";

// The last: closed between the connecting and the asking for its address.
const NOT_HAD = [
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionRefused,
  Deno.errors.NotConnected,
];

/** Connections that somebody holds open; those that cannot be had are left out. */
class Held implements Disposable {
  readonly connections: Deno.Conn[] = [];

  /** Opens so many and sends each the same. */
  static async open(port: number, count: number, text = ""): Promise<Held> {
    const held = new Held();
    for (let n = 0; n < count; n++) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        held.connections.push(connection);
        if (text !== "") await connection.write(latin1.encode(text));
      } catch (error) {
        if (!NOT_HAD.some((kind) => error instanceof kind)) throw error;
      }
    }
    return held;
  }

  /** Sends each one byte more. */
  async dribble(): Promise<void> {
    for (const connection of this.connections) {
      await connection.write(latin1.encode("a")).catch(() => {});
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.connections) connection.close();
  }
}

/** A person and an agent are served as ever. */
async function assertServed({ workspace }: Attacked): Promise<void> {
  assertEquals((await workspace.runJson(["list", "--running"])).processes.length, 1);
  await using agent = await workspace.agent();
  const restarted = await agent.call("ctrl", { action: "restart", label: "own" });
  assert(!restarted.isError, restarted.text);
}

Deno.test("1,000 idle and 200 slow connections keep nobody from being served", async () => {
  await using attacked = await Attacked.create();
  const { port } = attacked;
  const host = `Host: 127.0.0.1:${port}`;
  const type = "Content-Type: application/json";
  const body = rawRequest(["POST /mcp HTTP/1.1", host, type, "Content-Length: 4194304"], "{");
  const memory = await attacked.twice(async () => {
    using _idle = await Held.open(port, 1_000);
    using heads = await Held.open(port, 100, `POST /mcp HTTP/1.1\r\n${host}\r\nX: `);
    using bodies = await Held.open(port, 100, body);
    for (let n = 0; n < 3; n++) {
      await heads.dribble();
      await bodies.dribble();
    }
    await assertServed(attacked);
  });
  await tellAttack({ attack: "idle and slow connections", times: 2_400, memory });
});

Deno.test("a body that dribbles is given up, and takes no room from then on", async () => {
  await using attacked = await Attacked.create();
  const { port } = attacked;
  const lines = ["POST /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, "Content-Type: application/json"];
  {
    // As many as there is room for.
    const text = rawRequest([...lines, "Content-Length: 4194304"], "{");
    using bodies = await Held.open(port, MAX_REQUESTS, text);
    const answers = bodies.connections.map(async (connection) => {
      const buffer = new Uint8Array(4_096);
      const count = await connection.read(buffer) ?? 0;
      return Number(latin1.decode(buffer.subarray(9, Math.min(count, 12))));
    });
    let statuses: number[] | null = null;
    // Without an answer they end with their connections, which is told below.
    Promise.all(answers).then((all) => statuses = all, () => {});
    const givenUp = await until(async () => {
      await bodies.dribble();
      return statuses;
    }, { what: "answers to bodies that dribble", timeout: 60_000 });
    assertEquals(new Set(givenUp), new Set([408]));
    // Still dribbling.
    await assertServed(attacked);
    await tellAttack({ attack: "bodies that dribble", times: MAX_REQUESTS });
  }
  await attacked.assertUnharmed();
});

Deno.test("more connections than there are descriptors do not end the server", async () => {
  await using workspace = await Workspace.create();
  const server = workspace.spawnCommand([
    ...["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"],
    ...workspace.command(["serve"]),
  ]);
  await until(() => workspace.isServing(), { what: () => server.describe() });
  const { pid } = await workspace.runJson(["start", "--label", "own", "--", "sleep", "4242"]);
  await untilWatching(server.pid);
  for (let round = 0; round < 2; round++) {
    using _held = await Held.open(workspace.port, 400);
    await until(() => workspace.isServing(), { what: () => server.describe() });
  }
  assertEquals(server.ended, null, server.describe());
  const processes = await workspace.processes();
  assertEquals(processes.map((process: { pid: number }) => process.pid), [pid]);
  await server.waitFor("every connection was closed", { stream: "stderr" });
  await tellAttack({ attack: "connections without descriptors", times: 800 });
});

Deno.test("viewers beyond their limit are refused with a sentence, and the others go on", async () => {
  await using attacked = await Attacked.create();
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const viewers = await Promise.all(
    Array.from({ length: MAX_EVENT_STREAMS }, () => attacked.api.get("/api/events", { client })),
  );
  const { code, stderr } = await attacked.workspace.run(["run", "--", "sleep", "4242"]);
  assertEquals(code, 1, stderr);
  assert(
    stderr.includes(`${MAX_EVENT_STREAMS} viewers`) && stderr.includes("processes go on"),
    stderr,
  );
  await assertServed(attacked);
  for (const viewer of viewers) await viewer.body?.cancel();
  client.close();
  await attacked.assertUnharmed();
});
