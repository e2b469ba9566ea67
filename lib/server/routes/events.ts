/** `GET /api/events[?process=ID]`: the state now and every change, one JSON document a line. */
import { PersistprocError } from "../../protocol/errors.ts";
import type { ProcessEvent } from "../../protocol/requests.ts";
import { within } from "../../system/within.ts";
import type { GuardedRequest, Processes, ServerContext } from "../context.ts";

/** Milliseconds to wait for a start: one that hangs is shown without a PID rather than not at all. */
const PATIENCE_MS = 2_000;

export async function events({ url }: GuardedRequest, context: ServerContext): Promise<Response> {
  const { processes } = context;
  const process = url.searchParams.get("process");
  const body = await context.events.open(
    (listener) => processes.subscribe(process, listener),
    async () => {
      await within(processes.spawned(process), PATIENCE_MS);
      return process === null ? processes.locations() : [stateOf(processes, process)];
    },
  );
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
  });
}

function stateOf(processes: Processes, process: string): ProcessEvent {
  const state = processes.location(process);
  if (state) return state;
  throw new PersistprocError("not_found", "There is no such process.");
}
