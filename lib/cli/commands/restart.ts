/** `persistproc restart`: ends a process and starts it again as it was. */
import { connect } from "../connect.ts";
import { callerOf, settingsOf } from "../context.ts";
import { formatRestart, formatSurvivors } from "../format/ctrl.ts";
import { ctrlDocument } from "../format/document.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";
import { waitForStart, waitRequest } from "../waiting.ts";
import { printNote } from "../terminal/write.ts";

export default async function restart(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const target = processTarget(invocation);
  const wait = waitRequest(options);
  const settings = settingsOf(invocation);
  const client = await connect(settings, "if needed");
  const result = await client.ctrl({
    action: "restart",
    ...target,
    force: options.flag("force") || undefined,
    grace_seconds: options.number("grace"),
  }, callerOf(settings)).catch(explainTarget(invocation));
  const waited = await waitForStart(client, result, wait);
  await printAs(settings, { ...ctrlDocument(result), ...waited.fact }, formatRestart);
  if (settings.format === "text") await waited.tell();
  await printNote(formatSurvivors(result.survivors));
  return result.pid === null ? 1 : waited.status;
}
