/** `POST /api/runs`: the runs whose logs an `output` of this target reads. */
import type { RunsResult } from "../../protocol/requests.ts";
import { answerJson } from "../answers.ts";
import { parseBody, runsBody } from "../bodies.ts";
import type { GuardedRequest, ServerContext } from "../context.ts";

export async function runs({ body }: GuardedRequest, context: ServerContext): Promise<Response> {
  const { target, all } = parseBody(runsBody, body);
  const result: RunsResult = { processes: await context.processes.runs(target, all) };
  return answerJson(result);
}
