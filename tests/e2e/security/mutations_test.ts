/**
 * Requests and messages bent at random. `PERSISTPROC_SEED` repeats a run, and `PERSISTPROC_ATTACKS`
 * says how many there are.
 */
import { assert, assertEquals } from "@std/assert";
import { VERSION } from "../../../lib/protocol/version.ts";
import { Attacked } from "../../support/attacked.ts";
import {
  type Bait,
  MARK,
  pagesRequest,
  strangersRequest,
} from "../../support/attacks/http_mutations.ts";
import { faultyMessage } from "../../support/attacks/rpc_mutations.ts";
import { byChance } from "../../support/faults.ts";
import { latin1, type RawAnswer, speak } from "../../support/raw_http.ts";
import { until } from "../../support/until.ts";
import { tellAttack } from "../../support/attacks/table.ts";

const ATTACKS = Number(Deno.env.get("PERSISTPROC_ATTACKS") || 10_000);

/** How many are under way at a time. */
const AT_ONCE = 48;

/** Lets `attack` happen so many times. */
async function many(times: number, attack: () => Promise<void>): Promise<void> {
  let left = Math.ceil(times);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await attack();
  }));
}

/** Everything that would start a process, if the server believed that the caller may. */
function baitOf(attacked: Attacked): Bait {
  const { port, call, start } = attacked;
  const caller = { working_directory: "/", environment: {} };
  const tool = JSON.stringify(call);
  const bridge = JSON.stringify({ message: call, caller });
  const ctrl = JSON.stringify({ request: start, caller: { name: "terminal", ...caller } });
  return {
    port,
    bodies: { "/mcp": tool, "/": tool, "/mcp/": tool, "/api/mcp": bridge, "/api/ctrl": ctrl },
  };
}

/** What answers to strangers may be, and may not say. */
function assertRefused(
  { status, text }: RawAnswer,
  sent: readonly string[],
  hidden: string[],
): void {
  const shown = () => `${JSON.stringify(sent.join("").slice(0, 2_000))}\n${text.slice(0, 2_000)}`;
  // Without a status the server has closed, or waits for the rest. /health is for everybody.
  const open = status === 200 && text.includes('"name":"persistproc"') && !text.includes("proof");
  const continued = status === 100;
  const refused = status === null || (status >= 400 && status < 500) || status === 505;
  assert(open || continued || refused, shown());
  for (const secret of [MARK, ...hidden]) assert(!text.includes(secret), shown());
}

for (
  const { who, args, request } of [
    { who: "who does not know the token", args: ["--require-token"], request: strangersRequest },
    { who: "of a web page", args: [], request: pagesRequest },
  ]
) {
  const times = Math.ceil(ATTACKS * 0.3);
  Deno.test(
    `${times} mutated requests ${who} start nothing`,
    byChance(`requests ${who}`, async (chance) => {
      await using attacked = await Attacked.create(args);
      const bait = baitOf(attacked);
      const hidden = [attacked.workspace.dataDirectory, attacked.api.token, "    at ", "file://"];
      const statuses = new Map<number | null, number>();
      const memory = await attacked.twice(() =>
        many(times / 2, async () => {
          const sent = request(chance, bait);
          const answer = await speak(attacked.port, sent, { mayWait: true });
          assertRefused(answer, sent, hidden);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        })
      );
      await attacked.assertUnharmed();
      await tellAttack({ attack: `mutated requests ${who}`, times, statuses, memory });
    }),
  );
}

Deno.test(
  `${Math.ceil(ATTACKS * 0.4)} mutated messages start nothing`,
  byChance("messages", async (chance) => {
    const times = Math.ceil(ATTACKS * 0.4);
    await using attacked = await Attacked.create();
    const statuses = new Map<number | null, number>();
    const client = Deno.createHttpClient({});
    const memory = await attacked.twice(() =>
      many(times / 2, async () => {
        const message = faultyMessage(chance, attacked.start);
        const bridge = chance.below(4) === 0;
        const body = bridge ? `{"message":${message},"caller":{}}` : message;
        const response = await attacked.api.post(bridge ? "/api/mcp" : "/mcp", null, {
          headers: { ...attacked.api.headers, accept: "application/json, text/event-stream" },
          body,
          client,
        });
        const text = await response.text();
        assert(response.status < 500, `${response.status} ${text} for ${body.slice(0, 2_000)}`);
        assert(!text.includes('"status":"running","exit_code"'), `${text} for ${body}`);
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      })
    );
    // It keeps its connections open.
    client.close();
    await attacked.assertUnharmed();
    await tellAttack({ attack: "mutated messages", times, statuses, memory });
  }),
);

Deno.test("the bait does start a process when the caller may, so that the attacks prove something", async () => {
  await using attacked = await Attacked.create();
  const bait = baitOf(attacked);
  for (const [n, [path, body]] of Object.entries(bait.bodies).entries()) {
    const lines = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${bait.port}`,
      `Authorization: Bearer ${attacked.api.token}`,
      `X-Persistproc-Version: ${VERSION}`,
      "Content-Type: application/json",
      "Accept: application/json, text/event-stream",
      `Content-Length: ${latin1.encode(body).length}`,
    ];
    const { status, text } = await speak(bait.port, [`${lines.join("\r\n")}\r\n\r\n${body}`], {
      all: true,
    });
    assertEquals([path, status], [path, 200], text);
    // Else the next one would find it running, and start nothing.
    await until(async () => {
      const started = (await attacked.workspace.processes())[1];
      return started?.status === "exited" && started.restarts === n;
    }, { what: `the end of what ${path} started` });
  }
  const processes = await attacked.workspace.processes();
  assertEquals(processes.length, 2);
  assertEquals(processes[1].restarts + 1, Object.keys(bait.bodies).length);
});
