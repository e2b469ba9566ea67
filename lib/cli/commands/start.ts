/** `persistproc start`: starts a program in the background. */
import { connect } from "../connect.ts";
import { settingsOf, startingCaller } from "../context.ts";
import { formatStart } from "../format/ctrl.ts";
import { ctrlDocument } from "../format/document.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { stdinSource } from "../stdin_source.ts";
import { programTarget } from "../target.ts";

export default async function start(invocation: Invocation): Promise<number> {
  const { options, operands } = invocation;
  const target = programTarget(operands);
  const settings = settingsOf(invocation);
  const stdin = options.text("stdin");
  const input = stdin === undefined ? undefined : await stdinSource(stdin, settings);
  const client = await connect(settings, options.flag("no-autostart") ? "never" : "always");
  const result = await client.ctrl({
    action: "start",
    ...target,
    label: options.text("label"),
    working_directory: options.text("working-directory") ?? settings.directory,
    environment: options.environment("environment"),
    stdin: input,
  }, startingCaller(settings));
  await printAs(settings, ctrlDocument(result), formatStart);
  return 0;
}
