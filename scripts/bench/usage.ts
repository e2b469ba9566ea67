/** What a process has used, as the system tells it. */

/** What a command prints. */
export async function output(command: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** Resident memory in MiB; on Linux the most that there ever was of it (proc(5)). */
export async function peakMebibytes(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") {
    return Number(await output("ps", ["-o", "rss=", "-p", String(pid)])) / 1024;
  }
  const status = await output("cat", [`/proc/${pid}/status`]);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
