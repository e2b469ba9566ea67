/** `persistproc serve`: the server, in the foreground. */
import { agentsBanner } from "../../agents/banner.ts";
import { runServer } from "../../server/serve.ts";
import { ServerLog } from "../../server/server_log.ts";
import { dataPaths } from "../../system/paths.ts";
import { readLogLimits } from "../../supervisor/log_limits.ts";
import { settingsOf } from "../context.ts";
import { formatSurvivors } from "../format/ctrl.ts";
import { formatGreeting } from "../format/greeting.ts";
import type { Invocation } from "../parse.ts";
import { endServerToReplace } from "../replace.ts";
import { terminalSize } from "../terminal/size.ts";
import { printNote, printResult } from "../terminal/write.ts";
import { UsageError } from "../usage_error.ts";

export default async function serve(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const { dataDirectory, verbosity } = settings;
  const log = new ServerLog(dataPaths(dataDirectory).serverLog);
  // What is wrong with it is said before anybody is replaced.
  const limits = readLogLimits(settings.environment);
  const requireToken = tokenRequirement(invocation);
  const replaced = invocation.options.flag("replace") ? await endServerToReplace(settings) : null;
  if (replaced) {
    log.write(`took over from PID ${replaced.pid}, version ${replaced.version}`);
    if (verbosity >= 0) await printNote(`persistproc: took over from PID ${replaced.pid}\n`);
  }
  const keep = invocation.options.flag("keep");
  const exit = await runServer({
    // Agents know the old one's port.
    port: settings.portGiven ? settings.port : replaced?.port ?? settings.port,
    limits,
    dataDirectory,
    keepOnSignal: keep,
    requireToken,
    // A closed stdout must not end the server.
    onListening: ({ url, requireToken }) =>
      void (verbosity < 0 ||
        printResult(greeting(`${url}/mcp`, { requireToken, keep })).catch(() => {})),
    log(message) {
      log.write(message);
      if (verbosity >= 0) void printNote(`persistproc: ${message}\n`);
    },
  });
  await printNote(formatSurvivors(exit.survivors));
  return exit.survivors.length > 0 || exit.by === "lost port" ? 1 : 0;
}

/** How agents are connected: with a line for each, but shorter on a terminal. */
function greeting(
  url: string,
  { requireToken, keep }: { requireToken: boolean; keep: boolean },
): string {
  if (requireToken) {
    return `persistproc serves MCP at ${url}, only to callers that send its token.\n` +
      "`persistproc agents` shows how to connect an agent.\n";
  }
  return Deno.stdout.isTerminal()
    ? formatGreeting(url, terminalSize().columns, keep)
    : agentsBanner(url);
}

/** What the options say; undefined leaves it as it was for this data directory. */
function tokenRequirement({ options }: Invocation): boolean | undefined {
  const [yes, no] = [options.flag("require-token"), options.flag("no-require-token")];
  if (yes && no) {
    throw new UsageError(
      "--require-token and --no-require-token: one of them.",
      "persistproc serve --help",
    );
  }
  return yes || no ? yes : undefined;
}
