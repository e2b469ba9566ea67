/** Who an agent is: what it is called, for `started_by` and "stopped by", and where it works. */
import { isAbsolute, join } from "@std/path";
import { CLIENT_HEADER } from "../protocol/headers.ts";

const LONGEST_NAME = 64;

/** HTTP libraries that agents are built on: their names say nothing of who calls. */
const LIBRARIES = new Set(["node", "undici", "deno", "bun", "axios", "python", "python-httpx"]);

/**
 * The caller's name: from the request itself (protocol 2026-07-28), else from the bridge, else the
 * first product of `User-Agent` (RFC 9110, 10.1.5), else `agent`.
 */
export function callerName(clientInfo: unknown, headers: Headers | undefined): string {
  const product = headers?.get("user-agent")?.trim().split(/[\s/]/, 1)[0] ?? "";
  return clean(nameOf(clientInfo)) ||
    clean(headers?.get(CLIENT_HEADER)) ||
    (LIBRARIES.has(product.toLowerCase()) ? "" : clean(product)) ||
    "agent";
}

function nameOf(clientInfo: unknown): string | undefined {
  if (typeof clientInfo !== "object" || clientInfo === null || !("name" in clientInfo)) return;
  return typeof clientInfo.name === "string" ? clientInfo.name : undefined;
}

/** The name ends up in terminals: no control or invisible characters, one line, not endless. */
function clean(name: string | null | undefined): string {
  const plain = (name ?? "").replace(/\p{C}/gu, "").replace(/\s+/g, " ").trim();
  // That name is for people.
  return plain === "terminal" ? "" : [...plain].slice(0, LONGEST_NAME).join("");
}

/** Parameters whose working_directory is absolute, if the directory of who asks is known. */
export function fromDirectory(directory: string | undefined, input: unknown): unknown {
  if (directory === undefined || typeof input !== "object" || input === null) return input;
  const { working_directory: path } = input as { working_directory?: unknown };
  if (typeof path !== "string" || path === "" || isAbsolute(path)) return input;
  return { ...input, working_directory: join(directory, path) };
}
