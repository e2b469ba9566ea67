/** `persistproc input`: writes to the standard input of a process. */
import { PersistprocError } from "../../protocol/errors.ts";
import type { CtrlRequest, LocatedCtrlResult } from "../../protocol/requests.ts";
import { connect } from "../connect.ts";
import { callerOf, settingsOf } from "../context.ts";
import { ctrlDocument } from "../format/document.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";

/** A piece of this size is taken whole or not at all, so that it can be offered again. */
const PIECE_BYTES = Deno.build.os === "linux" ? 4_096 : 512;

/** Milliseconds until a program that does not read is tried again. */
const PAUSE = 200;

export default async function input(invocation: Invocation): Promise<number> {
  const target = processTarget(invocation);
  const settings = settingsOf(invocation);
  const client = await connect(settings, "if needed");
  const write = (what: Pick<CtrlRequest, "text" | "data">) =>
    client.ctrl({ action: "input", ...target, ...what }, callerOf(settings))
      .catch(explainTarget(invocation));
  const text = invocation.options.text("text");
  const result = text === undefined ? await copyInput(write) : await write({ text });
  if (result) await printAs(settings, ctrlDocument(result), () => "");
  return 0;
}

/** Hands on all of this command's input, as fast as the program reads it. */
async function copyInput(
  write: (what: { data: string }) => Promise<LocatedCtrlResult>,
): Promise<LocatedCtrlResult | null> {
  let result: LocatedCtrlResult | null = null;
  for await (const chunk of Deno.stdin.readable) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const data = btoa(String.fromCharCode(...chunk.subarray(at, at + PIECE_BYTES)));
      result = await writePatiently(() => write({ data }));
    }
  }
  return result;
}

async function writePatiently(
  write: () => Promise<LocatedCtrlResult>,
): Promise<LocatedCtrlResult> {
  while (true) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof PersistprocError) || error.code !== "limit_reached") throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}
