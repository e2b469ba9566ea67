/** `persistproc mcp`: MCP over stdio, a bridge to the shared server. */
import { TextLineStream } from "@std/streams/text-line-stream";
import { Bridge } from "../bridge/bridge.ts";
import { connect } from "../connect.ts";
import { settingsOf } from "../context.ts";
import type { Invocation } from "../parse.ts";
import { printNote, printRaw } from "../terminal/write.ts";

export default async function mcp(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const autostart = invocation.options.flag("no-autostart") ? "never" : "always";
  if (Deno.stdin.isTerminal()) {
    await printNote(
      "persistproc: this is for agents, which speak MCP to it; see `persistproc agents`. " +
        "Ctrl+D ends it.\n",
    );
  }
  const bridge = new Bridge({
    connect: () => connect(settings, autostart),
    write: printRaw,
    caller: { environment: settings.environment, working_directory: settings.directory },
  });
  await bridge.serve(
    Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()),
  );
  return 0;
}
