/** Who is calling: who knows the token, else, where that is enough, this user. */
import { MAX_NONCE, PROOF_HEADER, proveCaller } from "../protocol/proof.ts";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { Refusal, RouteCheck } from "./guard.ts";

/**
 * Lets through who sends the token (`Authorization: Bearer …`), or proves to know it where that
 * will do. Of others, where the route is for all of this user's programs, the connection is looked
 * up. A wrong token is refused without: it may be one that does not count any more.
 */
export const checkCaller: RouteCheck = async (request, facts, rules) => {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (given !== undefined && isSame(given, facts.token)) return null;
  if (rules.takesProof && await proves(request, facts)) return null;
  if (given !== undefined) return WRONG_TOKEN;
  if (rules.needsToken) return NEEDS_TOKEN;
  if (facts.requireToken) return REQUIRES_TOKEN;
  switch (await facts.whose()) {
    case "ours":
      return null;
    case "another user's":
      return ANOTHER_USER;
    case "unknown":
      return UNKNOWN_USER;
  }
};

async function proves(
  request: Request,
  { token, port }: { token: string; port: number },
): Promise<boolean> {
  const proof = request.headers.get(PROOF_HEADER);
  const nonce = new URL(request.url).searchParams.get("nonce") ?? "";
  if (proof === null || nonce === "" || nonce.length > MAX_NONCE) return false;
  return isSame(proof, await proveCaller(token, port, nonce));
}

/** Compares in constant time; the length of a secret is none. */
function isSame(given: string, secret: string): boolean {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(given), encoder.encode(secret)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

function refuse(message: string, hint: string): Refusal {
  return { status: 403, code: "forbidden", message, hint };
}

const NEEDS_TOKEN = refuse(
  "This needs the token of the server's data directory.",
  "Use the same --data-dir as the server.",
);

const WRONG_TOKEN = refuse(
  "This is not the token of the server's data directory.",
  "`persistproc token` prints the one that counts; `persistproc agents` shows where it belongs.",
);

const REQUIRES_TOKEN = refuse(
  "This server was started with --require-token and answers nobody without its token.",
  "`persistproc agents` shows how an agent sends it.",
);

const ANOTHER_USER = refuse(
  "This connection is another user's than the server's.",
  "Run a server of your own, on another --port.",
);

const UNKNOWN_USER = refuse(
  "Whose connection this is could not be found out, so it is refused.",
  "Send the server's token, see `persistproc agents`, or connect by `persistproc mcp`.",
);
