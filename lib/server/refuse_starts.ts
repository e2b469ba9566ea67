/** Nothing is started by a server that is ending: nobody would stop it. */
import { PersistprocError } from "../protocol/errors.ts";
import type { Processes } from "./context.ts";

/** The same processes, which can only be stopped and looked at once the server is ending. */
export function refuseStarts(processes: Processes, ending: () => boolean): Processes {
  return {
    async ctrl(request, caller) {
      if (ending() && request.action !== "stop") {
        throw new PersistprocError("server_unreachable", "The persistproc server is ending.", {
          hint: "Try again in a moment: `persistproc start` and `run` start a new one.",
        });
      }
      return await processes.ctrl(request, caller);
    },
    list: (request) => processes.list(request),
    runs: (target, all) => processes.runs(target, all),
    history: (target, all) => processes.history(target, all),
    historyOf: (ids) => processes.historyOf(ids),
    wait: (run, request, options) => processes.wait(run, request, options),
    subscribe: (process, listener) => processes.subscribe(process, listener),
    location: (process) => processes.location(process),
    locations: () => processes.locations(),
    spawned: (process) => processes.spawned(process),
  };
}
