/** Another user who tries often and at the same time as this one. Needs root, to be another user. */
import { assert, assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { Attacked } from "../../support/attacked.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { asOtherUser, httpRequest, OTHER_USER, sendAsOtherUser } from "../../support/other_user.ts";
import { statusesOf } from "../../support/raw_http.ts";

/** Connections of the other user at a time, and requests on each. */
const CONNECTIONS = 10;
const REQUESTS = 40;

Deno.test({
  ...asOtherUser("another user's flood of starts is refused, among this user's own requests"),
  async fn() {
    await using attacked = await Attacked.create();
    const { port, call, workspace } = attacked;
    const request = httpRequest(port, { path: "/mcp", body: call });
    const flood = request.replace("Connection: close\r\n", "").repeat(REQUESTS - 1) + request;
    const statuses = new Map<number | null, number>();
    const memory = await attacked.twice(async () => {
      const answers = Promise.all(
        Array.from({ length: CONNECTIONS }, () => sendAsOtherUser(port, flood)),
      );
      // Meanwhile, as often as it goes.
      let over = false;
      void answers.then(() => over = true, () => over = true);
      const agent = await workspace.agent();
      do {
        const { isError, text } = await agent.call("list");
        assert(!isError, text);
      } while (!over);
      for (const text of await answers) {
        const found = statusesOf({ status: null, text });
        assertEquals(found.length, REQUESTS, text.slice(0, 2_000));
        for (const status of found) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    assertEquals([...statuses.keys()], [403]);
    await attacked.assertUnharmed();
    await tellAttack({
      attack: "starts of another user",
      times: 2 * CONNECTIONS * REQUESTS,
      statuses,
      memory,
    });
  },
});

Deno.test({
  ...asOtherUser("another user reads, writes and links nothing of the data directory"),
  async fn() {
    await using attacked = await Attacked.create();
    const { dataDirectory } = attacked.workspace;
    // The temporary directory itself would keep him out.
    await Deno.chmod(dirname(dataDirectory), 0o777);
    const script = `
      cd "$1" 2>/dev/null && echo "in $1"
      ls "$1" 2>/dev/null
      cat "$1/token" "$1/server.log" "$1"/processes/*/process.json 2>/dev/null
      for path in token server.json lock processes/x; do
        ln -sf /etc/passwd "$1/$path" 2>/dev/null && echo "linked $path"
        (echo x >> "$1/$path") 2>/dev/null && echo "wrote $path"
      done
      mv "$1/token" "$1/x" 2>/dev/null && echo "moved"
      exit 0`;
    const child = attacked.workspace.spawnCommand(
      [...OTHER_USER, "sh", "-c", script, "sh", dataDirectory],
      { stdin: "" },
    );
    const { stdout, code } = await child.end();
    assertEquals([stdout, code], ["", 0]);
    await attacked.assertUnharmed();
  },
});
