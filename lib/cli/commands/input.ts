/** `persistproc input`: writes to the standard input of a process. */
import type { CtrlRequest, LocatedCtrlResult } from "../../protocol/requests.ts";
import { connect } from "../connect.ts";
import { callerOf, settingsOf } from "../context.ts";
import { ctrlDocument } from "../format/document.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";
import { writeInput } from "../write_input.ts";

export default async function input(invocation: Invocation): Promise<number> {
  const target = processTarget(invocation);
  const settings = settingsOf(invocation);
  const client = await connect(settings, "if needed");
  const write = (what: Pick<CtrlRequest, "text" | "data">) =>
    client.ctrl({ action: "input", ...target, ...what }, callerOf(settings))
      .catch(explainTarget(invocation));
  const text = invocation.options.text("text");
  const result = text === undefined ? await copyInput(write) : await write({ text });
  await printAs(settings, ctrlDocument(result), () => "");
  return 0;
}

/** Hands on all of this command's input. Also nothing is handed on: that it cannot be is told. */
async function copyInput(
  write: (what: { data: string }) => Promise<LocatedCtrlResult>,
): Promise<LocatedCtrlResult> {
  let result: LocatedCtrlResult | null = null;
  for await (const chunk of Deno.stdin.readable) result = await writeInput(chunk, { write });
  return result ?? await write({ data: "" });
}
