/** `persistproc output`: captured output, of one process or of all of this directory. */
import { type Cursor, parseCursor } from "../../logs/cursor.ts";
import type { LineFormat } from "../../logs/line_text.ts";
import { checkCursor, readPage } from "../../logs/output_page.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import { DEFAULT_OUTPUT_LINES } from "../../protocol/limits.ts";
import type { Stream } from "../../protocol/process.ts";
import { connect } from "../connect.ts";
import { settingsOf } from "../context.ts";
import { formatOutput, outputDocument } from "../format/output.ts";
import { printAs } from "../format/result.ts";
import { findRuns } from "../find_runs.ts";
import { checkOutputOptions } from "../output_options.ts";
import type { Invocation } from "../parse.ts";
import { explainTarget, processTarget } from "../target.ts";
import { printNote, printRaw } from "../terminal/write.ts";
import { UsageError } from "../usage_error.ts";

/** The most that is held in memory of what was asked for, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;

export default async function output(invocation: Invocation): Promise<number> {
  const { options, operands } = invocation;
  const target = processTarget(invocation);
  const settings = settingsOf(invocation);
  const named = operands.length > 0 || target.label !== undefined;
  checkOutputOptions(options, settings.format);
  if (!named) target.working_directory ??= settings.directory;
  const cursor = readCursor(options.text("cursor"));
  const client = await connect(settings, "if needed");
  const all = options.flag("all");
  const found =
    await (named || cursor === null || cursor.all
      ? findRuns(client, target, all, settings.directory).catch(explainTarget(invocation))
      : client.runsOf(cursor.positions.map(({ process }) => process)));
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
    const runs = found.processes;
    return await followRuns({ settings, client, runs, format, stream, range, joins });
  }

  // A cursor goes on across restarts, also when the PID that is named is that of an old run.
  const history = named && cursor !== null
    ? (await client.runsOf(found.history.map(({ process }) => process))).history
    : found.history;
  if (cursor !== null) checkCursor(cursor, history, named);
  const result = await readPage({
    runs: history,
    all: !named && cursor === null,
    stream,
    ...range,
    sinceLastStart: options.flag("since-last-start"),
    grep: options.text("grep"),
    contextLines: options.number("context"),
    cursor,
    maxBytes: MAX_BYTES,
  });
  if (settings.format === "json") {
    await printAs(settings, outputDocument(result, format));
    return 0;
  }
  const { text, footer } = formatOutput(result, format);
  await printRaw(text);
  if (settings.verbosity >= 0 && footer) await printNote(`${footer}\n`);
  return 0;
}

/** The cursor, if one is given; like every option, it is checked before anything is asked. */
function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  try {
    return parseCursor(text);
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    throw new UsageError(error.message, "persistproc output LABEL");
  }
}
