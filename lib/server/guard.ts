/**
 * What every request must pass before anything else looks at it. The two lists say which checks run,
 * and in what order; who the caller is, is found out in `caller.ts`.
 */
import type { ErrorCode } from "../protocol/errors.ts";
import { VERSION_HEADER } from "../protocol/headers.ts";
import { MAX_BODY_BYTES } from "../protocol/limits.ts";
import { VERSION } from "../protocol/version.ts";
import { checkCaller } from "./caller.ts";
import type { Whose } from "./connections.ts";

/** Why a request is turned away. The message repeats nothing that came with the request. */
export interface Refusal {
  status: number;
  code: ErrorCode;
  message: string;
  hint?: string;
  headers?: Record<string, string>;
}

/** What the checks compare with. */
export interface GuardFacts {
  port: number;
  token: string;
  /** Nobody is answered without the token. */
  requireToken: boolean;
  /** Whose connection this request came by; costs some milliseconds. */
  whose(): Promise<Whose>;
  /** The server's own version, unless it is this one. */
  version?: string;
}

/** What a route asks of its requests. */
export interface RouteRules {
  method: "GET" | "POST";
  /** Only for who knows the data directory's token: the command line. */
  needsToken: boolean;
  /** A proof of knowing the token does as well as the token; see `proveCaller`. */
  takesProof?: boolean;
  /** Only for a command line of the same version. */
  needsSameVersion: boolean;
}

/** A check before the route is known. */
export type Check = (request: Request, facts: GuardFacts) => Refusal | null;

/** A check of what the route asks. */
export type RouteCheck = (
  request: Request,
  facts: GuardFacts,
  rules: RouteRules,
) => Refusal | null | Promise<Refusal | null>;

const OWN_HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const OWN_ORIGIN_HOSTS = ["127.0.0.1", "localhost"];

/** A page of another name that resolves to loopback (DNS rebinding) sends its own name here. */
function checkHost(request: Request, { port }: GuardFacts): Refusal | null {
  const host = request.headers.get("host")?.toLowerCase();
  if (OWN_HOSTS.some((own) => host === `${own}:${port}` || (port === 80 && host === own))) {
    return null;
  }
  return { status: 403, code: "forbidden", message: "This Host is not served." };
}

/** Browsers name the page that asks; programs that are no browsers send no Origin at all. */
function checkOrigin(request: Request, { port }: GuardFacts): Refusal | null {
  const origin = request.headers.get("origin");
  if (origin === null || OWN_ORIGIN_HOSTS.some((own) => origin === `http://${own}:${port}`)) {
    return null;
  }
  return { status: 403, code: "forbidden", message: "This Origin is not allowed." };
}

/** Command line and server of different versions do not understand each other reliably. */
function checkVersion(
  request: Request,
  { version = VERSION }: GuardFacts,
  { needsSameVersion }: RouteRules,
): Refusal | null {
  if (!needsSameVersion) return null;
  const given = request.headers.get(VERSION_HEADER);
  if (given === version) return null;
  const plain = /^\d[\w.+-]{0,31}$/.test(given ?? "") ? given : "of an unknown version";
  return {
    status: 409,
    code: "server_mismatch",
    message: `The server is persistproc ${version}, the caller is ${plain}.`,
    hint: "Take over with `persistproc serve --replace`.",
  };
}

/** The one method of the route. */
function checkMethod(
  request: Request,
  _facts: GuardFacts,
  { method }: RouteRules,
): Refusal | null {
  if (request.method === method) return null;
  return {
    status: 405,
    code: "invalid_request",
    message: `Only ${method} is answered here.`,
    headers: { allow: method },
  };
}

/** A form or `text/plain` is what a web page may send without asking first (CORS). */
function checkContentType(
  request: Request,
  _facts: GuardFacts,
  { method }: RouteRules,
): Refusal | null {
  if (method !== "POST") return null;
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return null;
  return {
    status: 415,
    code: "invalid_request",
    message: "The content type must be application/json.",
  };
}

/** A body that says it is too large is not read; one that does not say is cut off in `body.ts`. */
function checkDeclaredSize(request: Request): Refusal | null {
  const declared = Number(request.headers.get("content-length") ?? 0);
  return declared > MAX_BODY_BYTES ? BODY_TOO_LARGE : null;
}

/** The answer to a body above the limit, whether it was declared or not. */
export const BODY_TOO_LARGE: Refusal = {
  status: 413,
  code: "limit_reached",
  message: `The body is larger than ${MAX_BODY_BYTES} bytes.`,
  headers: { connection: "close" },
};

/** Run on every request, in this order, even where no route is. */
export const CHECKS: readonly Check[] = [checkHost, checkOrigin];

/** Run once the route is known, in this order. */
export const ROUTE_CHECKS: readonly RouteCheck[] = [
  checkCaller,
  checkVersion,
  checkMethod,
  checkContentType,
  checkDeclaredSize,
];
