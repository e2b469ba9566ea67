/** Input that was meant for a program and that nothing reads. */

/**
 * Whether somebody who sits at a terminal has redirected our input from a file or a pipe. Programs
 * that start us (agents, CI, cron, ssh) do that without a meaning: they take our errors as well.
 */
export async function hasUnreadInput(): Promise<boolean> {
  if (Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return false;
  // `make -j` gives a closed pipe to all of its jobs but one.
  if (Deno.env.get("MAKELEVEL") !== undefined) return false;
  const { fstatSync } = await import("node:fs");
  try {
    const input = fstatSync(0);
    return input.isFile() || input.isFIFO();
  } catch {
    // It is closed.
    return false;
  }
}
