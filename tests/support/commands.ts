/** What runs in a workspace, by its complete arguments. */
import { outputOf } from "./output_of.ts";
import type { Workspace } from "./workspace.ts";

/** Everything that runs in the workspace and whose arguments match; no shell that speaks of it. */
export async function runningCommands(
  workspace: Workspace,
  expression: RegExp,
): Promise<{ pid: number; command: string }[]> {
  const pids = (await workspace.running()).map(({ pid }) => pid);
  const rows = await outputOf("ps", "-ww", "-o", "pid=,args=", "-p", pids.join(","));
  return rows.split("\n").flatMap((row) => {
    const [, pid, command = ""] = /^\s*(\d+) (.*)$/.exec(row) ?? [];
    const matches = expression.test(command) && !/^(\S*\/)?(sh|bash|dash) /.test(command);
    return matches ? [{ pid: Number(pid), command }] : [];
  });
}
