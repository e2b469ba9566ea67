/** From a request to its answer: guard, route, body, handler. */
import { MAX_BODY_BYTES } from "../protocol/limits.ts";
import { answerError, answerNotFound, answerRefusal } from "./answers.ts";
import { readBody } from "./body.ts";
import type { AnswerInfo, ServerContext } from "./context.ts";
import { CHECKS, type GuardFacts, type Refusal, ROUTE_CHECKS, type RouteRules } from "./guard.ts";
import { TOO_MANY_REQUESTS } from "./request_limit.ts";
import { ROUTES } from "./routes/table.ts";

/** How long the body of a request may take to arrive. */
const BODY_MILLISECONDS = 10_000;

/** Options of {@linkcode answer}. */
export interface AnswerOptions {
  bodyMilliseconds?: number;
}

/** Answers one request. Never throws. */
export async function answer(
  request: Request,
  info: AnswerInfo,
  context: ServerContext,
  options: AnswerOptions = {},
): Promise<Response> {
  try {
    const { token, requireToken, version } = context;
    const facts: GuardFacts = {
      port: context.facts.port,
      token,
      requireToken,
      version,
      whose: () => context.whose({ remote: info.remoteAddr, signal: request.signal }),
    };
    for (const check of CHECKS) {
      const refusal = check(request, facts);
      if (refusal) return answerRefusal(refusal);
    }
    // The target of CONNECT is a host (RFC 9110, section 9.3.6), and may be none that a URL can have.
    const url = URL.parse(request.url);
    const route = url && ROUTES.get(url.pathname);
    if (!route) return answerNotFound();
    const refusal = await checkRoute(request, facts, route);
    if (refusal) return answerRefusal(refusal);
    const leave = context.requests.enter();
    if (leave === null) return answerRefusal(TOO_MANY_REQUESTS);
    try {
      const body = await readBody(request, {
        bytes: MAX_BODY_BYTES,
        milliseconds: options.bodyMilliseconds ?? BODY_MILLISECONDS,
      });
      if (!(body instanceof Uint8Array)) return answerRefusal(body);
      return await route.handle({ request, url, body, info }, context);
    } finally {
      if (route.lasting) leave();
      else info.completed.then(leave, leave);
    }
  } catch (error) {
    return answerError(error, context.log);
  }
}

async function checkRoute(
  request: Request,
  facts: GuardFacts,
  rules: RouteRules,
): Promise<Refusal | null> {
  for (const check of ROUTE_CHECKS) {
    const refusal = await check(request, facts, rules);
    if (refusal) return refusal;
  }
  return null;
}
