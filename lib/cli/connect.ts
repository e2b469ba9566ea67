/** A client for the running server, or for one that is started now. */
import { Client } from "./client.ts";
import { findServer, unreachable } from "./discovery.ts";
import type { Settings } from "./settings.ts";

/**
 * Connects to the server.
 *
 * @param autostart What happens when no server runs: `never` fails; `if needed` starts one when the
 *   data directory holds processes that may run; `always` starts one.
 * @param check Throws what the server would answer anyway, before one is started that has nothing
 *   to take over.
 * @throws {PersistprocError} when there is no server and none is started.
 */
export async function connect(
  settings: Settings,
  autostart: "never" | "if needed" | "always",
  check?: () => Promise<void>,
): Promise<Client> {
  const server = await findServer(settings);
  if (server) return new Client(server);
  if (autostart === "never") throw unreachable(settings);
  if (autostart === "if needed" || check) {
    const { holdsUnendedRuns } = await import("./unended_runs.ts");
    if (!await holdsUnendedRuns(settings.dataDirectory)) {
      if (autostart === "if needed") throw unreachable(settings);
      await check?.();
    }
  }
  const { startServer } = await import("./autostart.ts");
  return new Client(await startServer(settings));
}
