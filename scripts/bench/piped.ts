/** The program with its output for the benchmark alone, which takes of it what and when it likes. */
import type { Workspace } from "../../tests/support/workspace.ts";

/** Starts it with these arguments and nothing to read. */
export function spawnPiped(workspace: Workspace, args: readonly string[]): Deno.ChildProcess {
  const [program = "", ...rest] = workspace.command(args);
  return new Deno.Command(program, {
    args: rest,
    cwd: workspace.directory,
    env: workspace.environment,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}
