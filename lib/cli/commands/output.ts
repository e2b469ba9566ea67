/** `persistproc output`: captured output, of one process or of all of this directory. */
import { readOutput } from "../../logs/output.ts";
import type { LineFormat } from "../../logs/line_text.ts";
import { DEFAULT_OUTPUT_LINES } from "../../protocol/limits.ts";
import type { Stream } from "../../protocol/process.ts";
import { connect } from "../connect.ts";
import { settingsOf } from "../context.ts";
import { formatOutput, outputDocument } from "../format/output.ts";
import { printAs } from "../format/result.ts";
import { findRuns } from "../find_runs.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";
import { printNote } from "../terminal/write.ts";
import { UsageError } from "../usage_error.ts";

/** The most that is held in memory of what was asked for, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

export default async function output(invocation: Invocation): Promise<number> {
  const { options, operands } = invocation;
  const target = processTarget(invocation);
  const settings = settingsOf(invocation);
  const named = operands.length > 0 || target.label !== undefined;
  if (options.flag("follow") && settings.format === "json") {
    throw new UsageError("--follow has no end, so it has no JSON form.", "persistproc output -f");
  }
  if (!named) target.working_directory ??= settings.directory;
  const client = await connect(settings, named ? "if needed" : "never");
  const all = options.flag("all");
  const runs = await findRuns(client, target, all, settings.directory)
    .catch(explainTarget(invocation));
  const format: LineFormat = {
    timestamps: options.flag("timestamps"),
    ansi: options.flag("ansi"),
  };
  const stream = (options.text("stream") ?? "combined") as Stream | "combined";
  const range = {
    lines: options.number("lines") ?? DEFAULT_OUTPUT_LINES,
    since: options.number("since-time") ?? null,
    before: options.number("before-time") ?? null,
  };

  if (options.flag("follow")) {
    const { followRuns } = await import("../attach/follow_runs.ts");
    const { keepIgnoringHangUp } = await import("../terminal/hang_up.ts");
    await keepIgnoringHangUp();
    const joins = named ? null : all ? "anywhere" : target.working_directory ?? null;
    return await followRuns({ settings, client, runs, format, stream, range, joins });
  }

  const sources = runs.map(({ label, run_directory }) => ({ label, runDirectory: run_directory }));
  const page = readOutput(sources, { stream, ...range, maxBytes: MAX_BYTES });
  if (settings.format === "json") {
    await printAs(settings, outputDocument(page, format));
    return 0;
  }
  const { text, footer } = formatOutput(page, format);
  await printAs(settings, text, (text) => text);
  if (settings.verbosity >= 0 && footer) await printNote(`${footer}\n`);
  return 0;
}
