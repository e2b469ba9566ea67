/** Taking over from a running server, of whatever version, without touching its processes. */
import { PersistprocError } from "../protocol/errors.ts";
import { dataPaths } from "../system/paths.ts";
import { Client } from "./client.ts";
import { findServer, type Server } from "./discovery.ts";
import { isFree, serverEnded } from "./server_end.ts";
import type { Settings } from "./settings.ts";

/** Milliseconds that a server may take to begin to answer, and between two looks. */
const ANSWER_MS = 20_000;
const LOOK_MS = 50;

/**
 * Ends the server of the data directory, which leaves its processes running, and waits until it has
 * let go of the directory.
 *
 * @returns the server that was; null when there was none.
 * @throws {PersistprocError} when there is one that does not end.
 */
export async function endServerToReplace(settings: Settings): Promise<Server | null> {
  const { lock } = dataPaths(settings.dataDirectory);
  let ended: Server | null = null;
  for (let waited = 0; !await isFree(lock); waited += LOOK_MS) {
    // Wherever it listens: the new one may listen elsewhere.
    const where = { ...settings, portGiven: false };
    const server = await findServer(where, { anyVersion: true, patient: true });
    if (server !== null) {
      await new Client(server).shutdown(true);
      if (!await serverEnded(server.pid, settings.dataDirectory)) throw stays(server.pid);
      ended = server;
    } else if (waited >= ANSWER_MS) throw stays(null);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return ended;
}

function stays(pid: number | null): PersistprocError {
  return new PersistprocError(
    "server_unreachable",
    `The server of this data directory${pid === null ? "" : ` (PID ${pid})`} does not end.`,
    {
      hint: pid === null
        ? "Find it with: pgrep -f 'persistproc serve', and end it with kill -9; processes go on."
        : `End it with: kill -9 ${pid}. Its processes go on.`,
    },
  );
}
