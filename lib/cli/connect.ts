/** A client for the running server, or for one that is started now. */
import { Client } from "./client.ts";
import { findServer, unreachable } from "./discovery.ts";
import type { Settings } from "./settings.ts";

/**
 * Connects to the server.
 *
 * @param autostart What happens when no server runs: `never` fails; `if needed` starts one when the
 *   data directory holds processes that may run; `always` starts one.
 * @throws {PersistprocError} when there is no server and none is started.
 */
export async function connect(
  settings: Settings,
  autostart: "never" | "if needed" | "always",
): Promise<Client> {
  const server = await findServer(settings);
  if (server) return new Client(server);
  if (autostart === "never") throw unreachable(settings);
  const { holdsUnendedRuns, startServer } = await import("./autostart.ts");
  if (autostart === "if needed" && !await holdsUnendedRuns(settings.dataDirectory)) {
    throw unreachable(settings);
  }
  return new Client(await startServer(settings));
}
