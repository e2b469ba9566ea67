/**
 * What every request must pass before anything else looks at it. Each check is a pure function of
 * the request; the two lists say which run, and in what order.
 */
import type { ErrorCode } from "../protocol/errors.ts";
import { MAX_BODY_BYTES } from "../protocol/limits.ts";
import { VERSION } from "../protocol/version.ts";
import { timingSafeEqual } from "../std/crypto_timing_safe_equal.ts";

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
  /** The server's own version, unless it is this one. */
  version?: string;
}

/** What a route asks of its requests. */
export interface RouteRules {
  method: "GET" | "POST";
  /** Only for who knows the data directory's token: the command line. */
  needsToken: boolean;
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
) => Refusal | null;

const OWN_HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const OWN_ORIGIN_HOSTS = ["127.0.0.1", "localhost"];

/** A page of another name that resolves to loopback (DNS rebinding) sends its own name here. */
export function checkHost(request: Request, { port }: GuardFacts): Refusal | null {
  const host = request.headers.get("host")?.toLowerCase();
  if (OWN_HOSTS.some((own) => host === `${own}:${port}` || (port === 80 && host === own))) {
    return null;
  }
  return { status: 403, code: "forbidden", message: "This Host is not served." };
}

/** Browsers name the page that asks; programs that are no browsers send no Origin at all. */
export function checkOrigin(request: Request, { port }: GuardFacts): Refusal | null {
  const origin = request.headers.get("origin");
  if (origin === null || OWN_ORIGIN_HOSTS.some((own) => origin === `http://${own}:${port}`)) {
    return null;
  }
  return { status: 403, code: "forbidden", message: "This Origin is not allowed." };
}

/** `Authorization: Bearer <token>`, compared in constant time. */
export function checkToken(
  request: Request,
  { token }: GuardFacts,
  { needsToken }: RouteRules,
): Refusal | null {
  if (!needsToken) return null;
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(given), encoder.encode(token)];
  // The length of a token is no secret.
  if (a.byteLength === b.byteLength && timingSafeEqual(a, b)) return null;
  return {
    status: 403,
    code: "forbidden",
    message: "This needs the token of the server's data directory.",
    hint: "Use the same --data-dir as the server.",
  };
}

/** Command line and server of different versions do not understand each other reliably. */
export function checkVersion(
  request: Request,
  { version = VERSION }: GuardFacts,
  { needsSameVersion }: RouteRules,
): Refusal | null {
  if (!needsSameVersion) return null;
  const given = request.headers.get("x-persistproc-version");
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
export function checkMethod(
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
export function checkContentType(
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
export function checkDeclaredSize(request: Request): Refusal | null {
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
  checkToken,
  checkVersion,
  checkMethod,
  checkContentType,
  checkDeclaredSize,
];
