/** The MCP endpoint, loaded when the first agent comes: its library takes 60 ms and 30 MB. */
import type { Mcp } from "../mcp/handler.ts";
import type { ServerFacts } from "../mcp/server_process.ts";
import type { Processes } from "./context.ts";

/** An endpoint that loads `lib/mcp` with its first request. */
export function lazyMcp(
  processes: Processes,
  facts: ServerFacts,
  log: (message: string) => void,
): Mcp {
  let loading: Promise<Mcp> | undefined;
  return {
    async fetch(request, caller) {
      loading ??= import("../mcp/handler.ts").then(({ createMcp }) =>
        createMcp(processes, facts, { log })
      );
      return await (await loading).fetch(request, caller);
    },
    async close() {
      await (await loading)?.close();
    },
  };
}
