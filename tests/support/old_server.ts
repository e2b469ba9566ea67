/** A server that is of another version than the command line under test. */
import { resolve } from "@std/path";
import type { Child } from "./child.ts";
import { denoDirectory, projectDirectory } from "./program.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

/** Starts one on the workspace's port, and waits until it answers. */
export async function startOldServer(workspace: Workspace, version: string): Promise<Child> {
  const server = workspace.spawnCommand([
    Deno.execPath(),
    ...["run", "-q", "--no-check", "--no-prompt", "--config"],
    resolve(projectDirectory, "deno.json"),
    "-P",
    resolve(projectDirectory, "tests/support/server_of_version.ts"),
    ...[version, String(workspace.port), workspace.dataDirectory],
  ], { env: { DENO_DIR: await denoDirectory() } });
  await until(() => workspace.isServing(), { what: () => `an answer of ${server.describe()}` });
  return server;
}
