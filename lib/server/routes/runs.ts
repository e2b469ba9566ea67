/** `POST /api/runs`: the runs whose logs an `output` of this target reads. */
import type { RunsResult } from "../../protocol/requests.ts";
import { answerJson } from "../answers.ts";
import { parseBody, runsBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export async function runs({ body }: GuardedRequest, context: ServerContext): Promise<Response> {
  const { target, all, processes: ids } = parseBody(runsBody, body);
  const { processes } = context;
  const result: RunsResult = ids ? { processes: [], history: processes.historyOf(ids) } : {
    processes: await processes.runs(target, all),
    history: await processes.history(target, all),
  };
  return answerJson(result);
}
