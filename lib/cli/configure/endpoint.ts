/** Where an agent finds persistproc: its server's address, or its program. */
import { fromFileUrl } from "@std/path";
import type { Endpoint } from "../../agents/agent.ts";
import { DEFAULT_PORT } from "../../protocol/limits.ts";
import { readTextIfThere } from "../../system/files.ts";
import { dataPaths, defaultDataDirectory } from "../../system/paths.ts";
import { recordedPort } from "../discovery.ts";
import type { Settings } from "../settings.ts";

/** The address of the server that the data directory has or had last, or will have. */
export async function serverUrl(settings: Settings): Promise<string> {
  const recorded = await recordedPort(dataPaths(settings.dataDirectory).server);
  const port = settings.portGiven ? settings.port : recorded ?? settings.port;
  return `http://127.0.0.1:${port}/mcp`;
}

/** The same with the token, where the servers of the data directory answer nobody without it. */
export async function httpEndpoint(settings: Settings): Promise<Endpoint & { kind: "http" }> {
  const url = await serverUrl(settings);
  const paths = dataPaths(settings.dataDirectory);
  const required = await readTextIfThere(paths.requireToken) !== null;
  const token = required ? (await readTextIfThere(paths.token))?.trim() : undefined;
  return { kind: "http", url, ...token ? { token } : {} };
}

/**
 * The program that speaks MCP on stdio: by its path, since an agent that was started from a menu
 * does not have the PATH of a terminal, nor its variables.
 */
export function ownProgram(settings: Settings): { command: string; args: readonly string[] } {
  const { port, portGiven, dataDirectory, environment } = settings;
  const command = Deno.build.standalone
    ? Deno.execPath()
    : fromFileUrl(new URL("../../../scripts/persistproc", import.meta.url));
  const usual = defaultDataDirectory(environment, Deno.build.os);
  return {
    command,
    args: [
      ...portGiven && port !== DEFAULT_PORT ? ["--port", String(port)] : [],
      ...dataDirectory === usual ? [] : ["--data-dir", dataDirectory],
      "mcp",
    ],
  };
}
