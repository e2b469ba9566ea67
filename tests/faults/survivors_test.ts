/** What cannot be stopped: named, with its PID, its command and the reason. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { outputOf } from "../support/output_of.ts";
import { programCommand } from "../support/program.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Root without the right to signal the processes of other users (capabilities(7)). */
const WITHOUT_KILL = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"];

/** Starts one process of another user, which nobody without that right can end, and waits for it. */
const SCRIPT = `setpriv --reuid=65534 --clear-groups sleep 4242 & echo $! >survivor; wait`;

async function mayDropRights(): Promise<boolean> {
  const probe = new Deno.Command("sh", {
    args: ["-c", `exec ${WITHOUT_KILL.join(" ")} setpriv --reuid=65534 --clear-groups true`],
    stderr: "null",
  });
  return (await probe.output()).success;
}

const ignore = !await mayDropRights();
const reason = ignore ? " (left out: only root can make such a process)" : "";

Deno.test({
  name: `what the server may not signal is named by stop, restart and list${reason}`,
  ignore,
}, async () => {
  const rounds = times({ full: 3, ci: 1 });
  await using workspace = await Workspace.create();
  const server = workspace.spawnCommand([...WITHOUT_KILL, ...programCommand, "serve"]);
  await until(() => workspace.isServing(), { what: () => server.describe() });
  const list = async () => (await workspace.processes())[0];
  for (let round = 0; round < rounds; round++) {
    const { pid } = await workspace.runJson(["start", "--label", "it", "sh", "-c", SCRIPT]);
    const read = () => Deno.readTextFile(workspace.path("survivor")).catch(() => "");
    const survivor = Number(await until(async () => (await read()).trim(), { what: "its PID" }));
    const isSleeping = async () =>
      /^nobody +sleep 4242$/.test(
        await outputOf("ps", "-o", "ruser=,args=", "-p", String(survivor)),
      );
    await until(isSleeping, { what: "the survivor as another user" });

    const stopped = await workspace.run(["--format", "json", "stop", "--grace", "0.3", "it"]);
    const answer = JSON.parse(stopped.stdout);
    const why = "it belongs to another user and may not be signalled";
    assertEquals([stopped.code, answer.survivors], [1, [
      { pid: survivor, command: "sleep 4242", why },
    ]]);
    // All that could be ended has ended.
    assertEquals(await processState(pid), null);
    assertMatch(await processState(survivor) ?? "gone", /^[SR]$/);
    assertStringIncludes((await list()).reason, `${survivor} (sleep`);

    // In words, and without a second process on the same port.
    const restarted = await workspace.run(["restart", "--grace", "0.3", "it"]);
    assertEquals(restarted.code, 1);
    assertStringIncludes(restarted.stderr, `${survivor} (sleep 4242): ${why}`);
    assertStringIncludes(restarted.stderr, "not started again");

    Deno.kill(survivor, "SIGKILL");
    await until(async () => await processState(survivor) === null, { what: "its end" });
    await until(async () => (await list()).status === "exited", { what: "the end in the list" });
    await Deno.remove(workspace.path("survivor"));
  }
  await tell({ fault: "2 who may not be signalled", times: rounds, note: "each named" });
});
