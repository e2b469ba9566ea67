/** `persistproc shutdown`: ends the server, and its processes unless they are kept. */
import { PersistprocError } from "../../protocol/errors.ts";
import { Client } from "../client.ts";
import { settingsOf } from "../context.ts";
import { findServer, unreachable } from "../discovery.ts";
import { formatShutdown } from "../format/ctrl.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { serverEnded } from "../server_end.ts";

export default async function shutdown(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const server = await findServer(settings, { anyVersion: true });
  if (!server) throw unreachable(settings);
  const result = await new Client(server).shutdown(invocation.options.flag("keep"));
  if (!await serverEnded(result.pid, settings.dataDirectory)) {
    throw new PersistprocError("internal", `The server (PID ${result.pid}) has not ended yet.`, {
      hint: "See what it still waits for in server.log, or end it with: kill -9 " + result.pid,
    });
  }
  await printAs(settings, result, formatShutdown);
  return 0;
}
