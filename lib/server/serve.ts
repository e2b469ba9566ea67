/** The server: one per data directory, from its lock to its end. */
import type { ServerFacts } from "../mcp/server_process.ts";
import type { Survivor } from "../protocol/requests.ts";
import type { LogLimits } from "../logs/retention.ts";
import { VERSION } from "../protocol/version.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import { ensureDataDirectory } from "../system/data_directory.ts";
import { refuseLinkSync } from "../system/files.ts";
import { dataPaths } from "../system/paths.ts";
import { whoseConnections } from "./connections.ts";
import type { Processes, ServerContext } from "./context.ts";
import { lockDataDirectory } from "./data_lock.ts";
import { describeEnd, type End, Ending } from "./ending.ts";
import { EventStreams } from "./event_streams.ts";
import { takeLibraryMessages } from "./library_messages.ts";
import { listen } from "./listen.ts";
import { lazyMcp } from "./mcp_endpoint.ts";
import { RequestLimit } from "./request_limit.ts";
import { answer } from "./router.ts";
import { refuseStarts } from "./refuse_starts.ts";
import { removeServerFile, writeServerFile } from "./server_file.ts";
import { ensureToken, makeToken } from "./token.ts";
import { keepTokenRequirement } from "./token_requirement.ts";

/** How to run a server. */
export interface ServerOptions {
  /** 0 leaves the choice to the system. */
  port: number;
  dataDirectory: string;
  /** Whether a signal that ends the server leaves its processes running. */
  keepOnSignal: boolean;
  /** Whether the token is needed for everything; as the data directory says unless given. */
  requireToken?: boolean;
  /** How much is kept of the logs; the defaults unless given. */
  limits?: LogLimits;
  /** What it says its version is; another one than its own only in tests. */
  version?: string;
  /** Called once requests are answered. */
  onListening(info: { port: number; url: string; requireToken: boolean }): void;
  /** Takes what is worth knowing later; for `server.log`. */
  log(message: string): void;
}

/** How a server ended. */
export interface ServerExit {
  by: End["by"];
  /** Whether the processes were left running. */
  kept: boolean;
  /** What could not be stopped. */
  survivors: Survivor[];
}

/** What the server needs of the supervisor. */
export type ServerSupervisor = Processes & Pick<Supervisor, "shutdown" | "hurryShutdown">;

/** Opens the supervisor of a data directory; tests open another. */
export type OpenSupervisor = (
  options: Parameters<typeof Supervisor.open>[0],
) => Promise<ServerSupervisor>;

/**
 * Runs a server until a signal or `/api/shutdown` ends it.
 *
 * @throws {PersistprocError} when the data directory has a server, or the port is taken.
 */
export async function runServer(
  options: ServerOptions,
  open: OpenSupervisor = (supervisorOptions) => Supervisor.open(supervisorOptions),
): Promise<ServerExit> {
  const { dataDirectory, log, limits, version = VERSION } = options;
  const paths = dataPaths(dataDirectory);
  await ensureDataDirectory(dataDirectory);
  using _lock = await lockDataDirectory(paths);
  // Who writes it says nothing when that fails.
  refuseLinkSync(paths.serverLog);
  const token = await ensureToken(paths.token);
  const requireToken = await keepTokenRequirement(paths.requireToken, options.requireToken);
  using _messages = takeLibraryMessages(log);
  using ending = new Ending(options.keepOnSignal);

  const ready = Promise.withResolvers<ServerContext>();
  // The port is taken before anything is adopted; whoever asks earlier waits.
  const http = await listen(
    options.port,
    async (request, info) => answer(request, info, await ready.promise),
    log,
  );
  ending.afterLoss(http.lost);
  try {
    const facts: ServerFacts = {
      pid: Deno.pid,
      port: http.port,
      startedAt: Date.now(),
      dataDirectory,
      logPath: paths.serverLog,
    };
    let supervisor: ServerSupervisor;
    try {
      await writeServerFile(paths.server, {
        pid: facts.pid,
        port: facts.port,
        version,
        started_at: new Date(facts.startedAt).toISOString(),
      });
      const environment = Deno.env.toObject();
      supervisor = await open({ dataDirectory, environment, report: log, limits });
    } catch (error) {
      // Those who asked early: an answer from what is no server yet would look like a stranger's.
      await http.breakOff();
      throw error;
    }
    const context = contextOf(supervisor, facts, {
      token,
      requireToken,
      tokenPath: paths.token,
      log,
      ending,
      version,
    });
    ready.resolve(context);
    log(`persistproc ${version} listens on port ${http.port}, PID ${facts.pid}`);
    options.onListening({
      port: http.port,
      url: `http://127.0.0.1:${http.port}`,
      requireToken,
    });
    return await endWhenTold(supervisor, context, ending);
  } finally {
    await http.close();
    await removeServerFile(paths.server);
  }
}

function contextOf(
  supervisor: ServerSupervisor,
  facts: ServerFacts,
  { token, requireToken, tokenPath, log, ending, version }: {
    token: string;
    requireToken: boolean;
    tokenPath: string;
    log: (message: string) => void;
    ending: Ending;
    version: string;
  },
): ServerContext {
  const processes = refuseStarts(supervisor, () => ending.hasBegun);
  const context: ServerContext = {
    facts,
    token,
    requireToken,
    whose: whoseConnections({ port: facts.port, uid: Deno.uid() }),
    log,
    version,
    processes,
    events: new EventStreams(),
    requests: new RequestLimit(),
    mcp: lazyMcp(processes, facts, log),
    async renewToken() {
      context.token = await makeToken(tokenPath);
      log("the token was replaced; the old one is refused from now on");
    },
    shutdown: (keep, answered) => ending.afterAnswer(keep, answered),
  };
  return context;
}

/** Clients hear how every process ended before their streams end. */
async function endWhenTold(
  supervisor: ServerSupervisor,
  { processes, events, mcp, log }: ServerContext,
  ending: Ending,
): Promise<ServerExit> {
  const { by, keep } = await ending.begun;
  const running = processes.locations().map(({ process }) => process)
    .filter(({ status }) => status === "running" || status === "stopping");
  log(describeEnd({ by, keep }, running.map(({ label }) => label)));
  const asked = by === "shutdown" || by === "lost port" ? undefined : `${by} to the server`;
  const stopped = supervisor.shutdown({ keep, by: asked });
  ending.onImpatience(() => supervisor.hurryShutdown());
  const survivors = await Promise.race([stopped, ending.abandoned.then(() => [])]);
  events.endAll();
  await mcp.close();
  return { by, kept: keep, survivors };
}
