/** Whether the server runs, is ours and of this version. */
import { PersistprocError } from "../../protocol/errors.ts";
import { VERSION } from "../../protocol/version.ts";
import { systemListeners } from "../../system/listeners.ts";
import { processFacts } from "../../system/process_facts.ts";
import { findServer } from "../discovery.ts";
import { holdsUnendedRuns } from "../unended_runs.ts";
import { type Check, fine, type Surroundings } from "./check.ts";

/** Looks for the server, and starts none. */
export async function checkServer(surroundings: Surroundings): Promise<Check[]> {
  const { settings } = surroundings;
  let server: Awaited<ReturnType<typeof findServer>>;
  try {
    server = await findServer(settings, { anyVersion: true });
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    // What is wrong with the data directory is said of that.
    if (error.code === "storage") return [];
    const holder = await portHolder(settings.port, surroundings);
    return [{
      check: "server",
      state: "broken",
      finding: error.message + (holder === null ? "" : ` It is ${holder}.`),
      advice: error.hint ?? null,
    }];
  }
  if (server === null) {
    return await holdsUnendedRuns(settings.dataDirectory)
      ? [{
        check: "server",
        state: "warning",
        finding: "None runs, but processes may go on without it.",
        advice: "Take them over: persistproc serve",
      }]
      : [fine("server", "None runs; `persistproc PROGRAM` starts one.")];
  }
  const { pid, port, version } = server;
  return [
    fine("server", `It runs: PID ${pid}, port ${port}, version ${version}.`),
    version === VERSION ? fine("version", `This command has the server's, ${VERSION}.`) : {
      check: "version",
      state: "broken",
      finding: `The server is version ${version}, this command is version ${VERSION}.`,
      advice: "Let this version take over, processes go on: persistproc serve --replace",
    },
  ];
}

/** Who listens on a port, as far as the system tells. */
async function portHolder(port: number, { ask, os }: Surroundings): Promise<string | null> {
  const listeners = await systemListeners(ask, os).listeners();
  const pid = listeners.find((listener) => listener.port === port)?.pid ?? null;
  const facts = pid === null ? null : await processFacts(pid, ask, os);
  return facts === null ? null : `PID ${pid} (${facts.command})`;
}
