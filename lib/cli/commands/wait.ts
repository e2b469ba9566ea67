/** `persistproc wait`: until something holds for a process. */
import { connect } from "../connect.ts";
import { settingsOf } from "../context.ts";
import { findRuns } from "../find_runs.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";
import { UsageError } from "../usage_error.ts";
import { formatWait, waitRequest, waitStatus } from "../waiting.ts";

export default async function wait(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const target = processTarget(invocation);
  const request = waitRequest(options);
  if (request === null) {
    throw new UsageError("There is nothing to wait for.", "persistproc wait --wait-port any LABEL");
  }
  const settings = settingsOf(invocation);
  const client = await connect(settings, "if needed");
  const { processes: [process] } = await findRuns(client, target, false, settings.directory)
    .catch(explainTarget(invocation));
  if (process === undefined) throw new Error("a target that names nothing is refused before");
  const result = await client.wait(process.run, request, "now");
  await printAs(settings, result, (result) => formatWait(request, result));
  return waitStatus(request, result);
}
