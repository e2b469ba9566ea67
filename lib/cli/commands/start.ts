/** `persistproc start`: starts a program in the background. */
import { settingsOf } from "../context.ts";
import { formatStart } from "../format/ctrl.ts";
import { ctrlDocument } from "../format/document.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { startProgram } from "../start_program.ts";
import { waitForStart, waitRequest } from "../waiting.ts";

export default async function start(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const wait = waitRequest(options);
  const settings = settingsOf(invocation);
  const { started, client } = await startProgram(invocation, settings, {
    working_directory: options.text("working-directory") ?? settings.directory,
    environment: options.environment("environment"),
  });
  const waited = await waitForStart(client, started, wait);
  await printAs(settings, { ...ctrlDocument(started), ...waited.fact }, formatStart);
  if (settings.format === "text") await waited.tell();
  return waited.status;
}
