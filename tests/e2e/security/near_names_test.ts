/** Names, targets and headers that are nearly the server's own, and those that are. */
import { assert, assertEquals } from "@std/assert";
import { Attacked } from "../../support/attacked.ts";
import { NEARLY } from "../../support/attacks/near_names.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { rawRequest, speak, statusesOf } from "../../support/raw_http.ts";

Deno.test("a name, target or header that is nearly the server's own is refused", async () => {
  await using attacked = await Attacked.create();
  const { port, call } = attacked;
  const body = JSON.stringify(call);
  const statuses = new Map<number | null, number>();
  for (const [shape, write] of Object.entries(NEARLY)) {
    const answer = await speak(port, write(port, body), { mayWait: true });
    for (const status of statusesOf(answer)) {
      assert(status >= 400 && status < 500, `${shape}: ${answer.text}`);
    }
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({
    attack: "names that are nearly ours",
    times: Object.keys(NEARLY).length,
    statuses,
  });
});

Deno.test("the server's own names are answered, however they are spelled", async () => {
  await using attacked = await Attacked.create();
  const { port } = attacked;
  for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "LocalHost", "[::1]"]) {
    const request = rawRequest(["GET /health HTTP/1.1", `Host: ${host}:${port}`]);
    const { status, text } = await speak(port, request);
    assertEquals([host, status], [host, 200], text);
  }
});
