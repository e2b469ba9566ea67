/** Stopping what is shown, for whoever pressed a key. */
import { describeError, PersistprocError } from "../../protocol/errors.ts";
import type { CtrlRequest, LocatedCtrlResult } from "../../protocol/requests.ts";
import { formatSurvivors } from "../format/ctrl.ts";
import { printNote } from "../terminal/write.ts";

/**
 * Stops a process; with `force`, at once. Says itself what went wrong.
 *
 * @param ask Sends a request for the process that is shown.
 * @returns false when it runs on.
 */
export async function stopShown(
  ask: (request: CtrlRequest) => Promise<Pick<LocatedCtrlResult, "status" | "survivors">>,
  force: boolean,
): Promise<boolean> {
  try {
    const { status, survivors } = await ask({ action: "stop", force });
    await printNote(formatSurvivors(survivors));
    return status !== "running";
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    // It has ended meanwhile, which its state tells.
    if (error.code === "not_running") return true;
    await printNote(`Error: ${describeError(error)}\n`);
    return false;
  }
}
