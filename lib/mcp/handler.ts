/** MCP over HTTP: stateless, so that a restart of the server breaks no client. */
import { CLIENT_INFO_META_KEY, createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import type { BridgeCaller } from "../protocol/process.ts";
import { VERSION } from "../protocol/version.ts";
import { callerName, fromDirectory } from "./caller.ts";
import { Calls } from "./calls.ts";
import { Exchanges } from "./exchange.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import type { ServerFacts } from "./server_process.ts";
import { ctrl } from "./tools/ctrl.ts";
import { list } from "./tools/list.ts";
import { output } from "./tools/output.ts";
import { failure } from "./tools/result.ts";
import type { CallContext, Tool, ToolContext, ToolProcesses, ToolRequest } from "./tools/tool.ts";

/** The tools, in the order in which every client sees them. */
export const TOOLS: readonly Tool[] = [ctrl, list, output];

/** The list of tools only changes with the server's version. */
const CACHE = { ttlMs: 3_600_000, cacheScope: "private" } as const;

/** How long the answers to calls that the end of the server cuts short may take to be sent. */
const LAST_ANSWERS_MILLISECONDS = 500;

/** An MCP endpoint. */
export interface Mcp {
  /**
   * Answers a POST. The request's own signal is not looked at.
   *
   * @param caller Who asks through the stdio bridge: environment and directory.
   */
  fetch(request: Request, caller?: BridgeCaller): Promise<Response>;
  /** Answers the calls under way with a failure, then ends every open stream. */
  close(): Promise<void>;
}

/**
 * The MCP endpoint of a server, for clients of the current protocol and of those before it.
 *
 * @param options.log Takes what went wrong inside.
 */
export function createMcp(
  processes: ToolProcesses,
  server: ServerFacts,
  options: { log?: (message: string) => void } = {},
): Mcp {
  const { log = () => {} } = options;
  const context: ToolContext = { processes, server };
  const calls = new Calls();
  const exchanges = new Exchanges();
  const handler = createMcpHandler(({ authInfo }) => {
    const caller: BridgeCaller = authInfo?.extra ?? {};
    return createServer({ context, calls, log, caller });
  }, {
    // Headers at once: clients give up on a call that sends no byte for a minute.
    responseMode: "sse",
    onerror: (error) => log(`mcp: ${error.message}`),
  });

  return {
    fetch: (request, caller) =>
      exchanges.run(({ signal }) =>
        handler.fetch(
          new Request(request.url, {
            method: request.method,
            headers: request.headers,
            body: request.body,
            signal,
          }),
          // The library's way to hand on what is known of a caller.
          caller &&
            { authInfo: { token: "", clientId: "bridge", scopes: [], extra: { ...caller } } },
        )
      ),
    async close() {
      calls.giveUp();
      await exchanges.settle(LAST_ANSWERS_MILLISECONDS);
      // It ends streams without an answer, so it comes last.
      await handler.close();
    },
  };
}

function createServer({ context, calls, log, caller }: {
  context: ToolContext;
  calls: Calls;
  log: (message: string) => void;
  caller: BridgeCaller;
}): McpServer {
  const server = new McpServer({ name: "persistproc", title: "persistproc", version: VERSION }, {
    capabilities: { tools: { listChanged: false } },
    cacheHints: { "tools/list": CACHE, "server/discover": CACHE },
    instructions: INSTRUCTIONS,
  });
  for (const { name, call, ...description } of TOOLS) {
    server.registerTool(name, description, async (input: unknown, request: CallContext) => {
      try {
        return await calls.run(() =>
          call(
            fromDirectory(caller.working_directory, input),
            { ...caller, name: callerOf(request) },
            context,
            toolRequest(request),
          )
        );
      } catch (error) {
        // Whoever has gone needs no answer, and that a wait was given up is no bug.
        return failure(error, request.mcpReq.signal.aborted ? () => {} : log);
      }
    });
  }
  return server;
}

function toolRequest({ mcpReq }: CallContext): ToolRequest {
  const { signal, _meta: meta } = mcpReq;
  const progressToken = meta?.progressToken;
  return {
    signal,
    progress: progressToken === undefined ? null : (progress, message) => {
      const params = { progressToken, progress, message };
      // Who has gone meanwhile needs none.
      mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
    },
  };
}

function callerOf({ mcpReq, http }: CallContext): string {
  // The library declares this key by a computed name that its types lose.
  const envelope: Record<string, unknown> = { ...mcpReq.envelope };
  return callerName(envelope[CLIENT_INFO_META_KEY], http?.req?.headers);
}
