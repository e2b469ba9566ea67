/** Requests in which a second one is hidden: it is never acted on. */
import { assert, assertEquals } from "@std/assert";
import { Attacked } from "../../support/attacked.ts";
import { callOfNobody, callOfPage } from "../../support/attacks/call.ts";
import { HIDING, IN_BODY } from "../../support/attacks/hidden_requests.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { speak, statusesOf } from "../../support/raw_http.ts";
import { until } from "../../support/until.ts";

Deno.test("no request that is hidden in another is acted on", async () => {
  await using attacked = await Attacked.create();
  const { port, call } = attacked;
  const hidden = callOfPage(port, JSON.stringify(call));
  for (const [shape, write] of Object.entries(HIDING)) {
    const answer = await speak(port, write(port, hidden), { all: true, mayWait: true });
    const statuses = statusesOf(answer);
    assert(statuses.every((status) => status < 500), `${shape}: ${answer.text}`);
    // Who hides a request is answered once at most, unless what was hidden is refused as well.
    assert(
      statuses.slice(1).every((status) => status === 403 || status === 400),
      `${shape}: ${statuses}`,
    );
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "requests hidden in another", times: Object.keys(HIDING).length });
});

Deno.test("a body is never taken for the next request, however the first one was refused", async () => {
  await using attacked = await Attacked.create();
  const { port, call } = attacked;
  // It would be answered, if it were read as a request.
  const hidden = callOfNobody(port, JSON.stringify(call));
  for (const [shape, write] of Object.entries(IN_BODY)) {
    const answer = await speak(port, write(port, hidden), { all: true });
    assertEquals(statusesOf(answer).length, 1, `${shape}: ${answer.text}`);
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "requests in bodies", times: Object.keys(IN_BODY).length });
  await speak(port, hidden, { all: true });
  await until(() => attacked.hasRun(), { what: "the command of the attack, asked for by itself" });
});
