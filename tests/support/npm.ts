/** Real programs, from npm. */
import { assertEquals } from "@std/assert";
import { isInstalled } from "./installed.ts";
import type { Workspace } from "./workspace.ts";

/** For `ignore` of tests that install something. */
export function hasNpm(): Promise<boolean> {
  return isInstalled("npm");
}

/**
 * Installs packages in a workspace, with the environment of whoever runs the tests, for the sake of
 * their npm configuration.
 */
export async function installPackages(workspace: Workspace, ...packages: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("npm", {
    args: [
      ...["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"],
      ...packages,
    ],
    cwd: workspace.directory,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}
