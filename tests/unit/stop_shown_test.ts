/** Stopping what is shown: whoever could not stop it can still leave it. */
import { assertEquals } from "@std/assert";
import { stopShown } from "../../lib/cli/attach/stop_shown.ts";
import { Interrupts } from "../../lib/cli/attach/interrupts.ts";
import { HoldableWriter } from "../../lib/cli/attach/writer.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import type { LocatedCtrlResult } from "../../lib/protocol/requests.ts";

type Stopped = Pick<LocatedCtrlResult, "status" | "survivors">;

const answer = (status: Stopped["status"]) => () =>
  Promise.resolve<Stopped>({ status, survivors: [] });
const fail = (code: "not_running" | "server_unreachable") => () =>
  Promise.reject(new PersistprocError(code, "No."));

Deno.test("a stop has worked when the process does not run on", async () => {
  assertEquals(await stopShown(answer("exited"), false), true);
  assertEquals(await stopShown(fail("not_running"), false), true);
  assertEquals(await stopShown(answer("running"), false), false);
  assertEquals(await stopShown(fail("server_unreachable"), false), false);
});

Deno.test("Ctrl+C leaves, with 1, what it was to stop and could not", async () => {
  using interrupts = new Interrupts({
    onExit: "stop",
    process: () => ({ label: "web", pid: 1 }),
    stop: (force) => stopShown(answer("running"), force),
    writer: new HoldableWriter({ quiet: true }),
    key: "Ctrl+C",
    keyboard: null,
  });
  await interrupts.interrupt();
  assertEquals(await interrupts.left, 1);
});
