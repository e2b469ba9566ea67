/** Finds the server of a data directory and makes sure that it is ours before it is told anything. */
import { isErrorBody, PersistprocError } from "../protocol/errors.ts";
import { PROOF_HEADER, proveCaller, proveToken } from "../protocol/proof.ts";
import { VERSION } from "../protocol/version.ts";
import { checkDataDirectory } from "../system/data_directory.ts";
import { readTextIfThere } from "../system/files.ts";
import { dataPaths } from "../system/paths.ts";
import { tooBusy } from "./proven_connection.ts";
import { isFree } from "./server_end.ts";
import { requestLoopback } from "../system/loopback_request.ts";
import type { Settings } from "./settings.ts";

/** A server that has proved to hold the data directory's token. */
export interface Server {
  pid: number;
  port: number;
  version: string;
  token: string;
}

/** Milliseconds that a server may take to say who it is. */
const ANSWER_MS = 5_000;
/**
 * How often one is asked that breaks the connection off, or talks nonsense, and the milliseconds in
 * between: a server that ends does so, and is gone a moment later.
 */
const TRIES = 3;
const AGAIN_MS = 20;
/** Far more than what it says. A stranger may send anything. */
const ANSWER_BYTES = 64 * 1024;

interface Ours {
  kind: "ours";
  pid: number;
  version: string;
  token: string;
}

/** A server that says it is persistproc, with its proof. */
interface Claim extends Omit<Ours, "kind" | "token"> {
  kind: "claim";
  proof: unknown;
  nonce: string;
}

type Answer = Ours | { kind: "refused" | "silent" | "busy" | "stranger" | "other directory" };

async function ask(port: number, tokenPath: string): Promise<Answer> {
  const before = await readToken(tokenPath);
  let answer = await askHealth(port, before);
  const { kind } = answer;
  if (kind === "silent" || kind === "busy" || kind === "refused") return { kind };
  // A server that was just starting has made its token before it answered.
  const token = await readToken(tokenPath);
  if (token !== before) answer = await askHealth(port, token);
  if (answer.kind !== "claim") return answer;
  const { pid, version, proof, nonce } = answer;
  return token !== "" && proof === await proveToken(token, nonce)
    ? { kind: "ours", pid, version, token }
    : { kind: "other directory" };
}

/** Empty where there is none, or none that can be read: a server that is started says why. */
async function readToken(path: string): Promise<string> {
  return (await readTextIfThere(path).catch(() => null))?.trim() ?? "";
}

async function askHealth(
  port: number,
  token: string,
  tries = 1,
): Promise<Claim | Exclude<Answer, Ours>> {
  const nonce = crypto.randomUUID();
  let body: unknown;
  try {
    const { text } = await requestLoopback(port, {
      path: `/health?nonce=${nonce}`,
      // Saves the server looking up who asks; to whoever else listens there it is worth nothing.
      headers: token === "" ? {} : { [PROOF_HEADER]: await proveCaller(token, port, nonce) },
      timeout: ANSWER_MS,
      maxBytes: ANSWER_BYTES,
    });
    body = JSON.parse(text);
  } catch (error) {
    if (error instanceof Deno.errors.TimedOut) return { kind: "silent" };
    if (error instanceof Deno.errors.ConnectionRefused) return { kind: "refused" };
    if (tries === TRIES) return { kind: "stranger" };
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return await askHealth(port, token, tries + 1);
  }
  if (isErrorBody(body) && body.error.code === "limit_reached") return { kind: "busy" };
  // A persistproc server that does not know us, such as another user's.
  if (isErrorBody(body) && body.error.code === "forbidden") return { kind: "other directory" };
  const { name, version, pid, proof } = (body ?? {}) as Record<string, unknown>;
  if (name !== "persistproc" || typeof version !== "string" || typeof pid !== "number") {
    return { kind: "stranger" };
  }
  return { kind: "claim", pid, version, proof, nonce };
}

/** The port in a `server.json`; null where there is none. */
export async function recordedPort(path: string): Promise<number | null> {
  try {
    const record = JSON.parse(await readTextIfThere(path) ?? "null");
    return typeof record?.port === "number" ? record.port : null;
  } catch {
    // Half a file cannot be (it is renamed into place), a damaged one tells nothing.
    return null;
  }
}

/** Says that no server answers on a port, and how to get one. */
export function unreachable(settings: Settings): PersistprocError {
  const port = settings.portGiven ? ` --port ${settings.port}` : "";
  return new PersistprocError(
    "server_unreachable",
    `No persistproc server answers on port ${settings.port}.`,
    { hint: `Start one with: persistproc serve${port}` },
  );
}

/**
 * Looks for the running server.
 *
 * @param options.anyVersion Accept a server of another version.
 * @param options.patient Take one that accepts connections but does not answer yet for none.
 * @returns null when nothing listens there.
 * @throws {PersistprocError} when what listens is not the server of this data directory or does not
 * answer, or when others can write to that.
 */
export async function findServer(
  settings: Settings,
  options: { anyVersion?: boolean; patient?: boolean } = {},
): Promise<Server | null> {
  await checkDataDirectory(settings.dataDirectory);
  const paths = dataPaths(settings.dataDirectory);
  const recorded = await recordedPort(paths.server);
  if (settings.portGiven && recorded !== null && recorded !== settings.port) {
    if ((await ask(recorded, paths.token)).kind === "ours") {
      throw new PersistprocError(
        "server_mismatch",
        `The server of ${settings.dataDirectory} runs on port ${recorded}, not ${settings.port}.`,
        { hint: `Leave the port away, or give --data-dir for another server.` },
      );
    }
  }
  let port = settings.portGiven ? settings.port : recorded ?? settings.port;
  let answer = await ask(port, paths.token);
  if (answer.kind !== "ours" && port !== settings.port && await isFree(paths.lock)) {
    // A server that was killed has left the file; since then somebody else got its port.
    port = settings.port;
    answer = await ask(port, paths.token);
  }
  switch (answer.kind) {
    case "refused":
      return null;
    case "busy":
      if (options.patient) return null;
      throw tooBusy();
    case "silent":
      if (options.patient) return null;
      if (!await isFree(paths.lock)) {
        throw new PersistprocError(
          "server_unreachable",
          `The server of ${settings.dataDirectory} does not answer: it is starting, or stands still.`,
          { hint: `Try again in a moment; what it does is in ${paths.serverLog}` },
        );
      }
      throw new PersistprocError(
        "server_unreachable",
        `Whatever listens on port ${port} does not answer; it is no persistproc server.`,
        { hint: `Use another port, for both sides: persistproc serve --port ${port + 1}` },
      );
    case "stranger":
      throw new PersistprocError(
        "server_unreachable",
        `Port ${port} is held by a program that is not persistproc.`,
        { hint: `Use another port, for both sides: persistproc serve --port ${port + 1}` },
      );
    case "other directory":
      throw new PersistprocError(
        "server_mismatch",
        `The persistproc server on port ${port} is not the one of ${settings.dataDirectory}.`,
        { hint: "Give its --data-dir, or another --port for a server of your own." },
      );
    case "ours": {
      const { pid, version, token } = answer;
      if (version !== VERSION && !options.anyVersion) {
        throw new PersistprocError(
          "server_mismatch",
          `The server on port ${port} is version ${version}, this command is version ${VERSION}.`,
          {
            hint: "Let this version take over, its processes go on: persistproc serve --replace " +
              "(or end the server: persistproc shutdown --keep)",
          },
        );
      }
      return { pid, port, version, token };
    }
  }
}
