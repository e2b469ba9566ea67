/** `persistproc list`: all processes, running and ended. */
import { connect } from "../connect.ts";
import { settingsOf } from "../context.ts";
import { listDocument } from "../format/document.ts";
import { formatList } from "../format/list.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { printResult } from "../terminal/write.ts";
import { UsageError } from "../usage_error.ts";

export default async function list(invocation: Invocation): Promise<number> {
  const { options } = invocation;
  const settings = settingsOf(invocation);
  const request = {
    pid: options.number("pid"),
    command_or_label: options.text("command-or-label"),
    working_directory: options.text("working-directory"),
    running_only: options.flag("running") || undefined,
  };
  const drawn = settings.format === "text" && Deno.stdout.isTerminal();
  const watch = options.flag("watch");
  if (watch && (!drawn || settings.environment["TERM"] === "dumb")) {
    throw new UsageError(
      "--watch needs a terminal that can be drawn on, and text.",
      "persistproc list",
    );
  }
  const client = await connect(settings, "if needed");
  if (watch) {
    const { watchList } = await import("../watch_list.ts");
    return await watchList(client, request);
  }
  const result = await client.list(request);
  if (drawn && result.processes.length > 0) {
    const { formatListTable } = await import("../format/list_table.ts");
    const { terminalSize } = await import("../terminal/size.ts");
    await printResult(
      formatListTable(result.processes, terminalSize().columns).join("\n") + "\n",
    );
    return 0;
  }
  const { working_directory, command_or_label, pid } = request;
  const filtered = (working_directory ?? command_or_label ?? pid) !== undefined;
  await printAs(settings, listDocument(result), (list) => formatList(list, { filtered }));
  return 0;
}
