/** Waiting for a server's watch of directories. */
import { outputOf } from "./output_of.ts";
import { until } from "./until.ts";

/**
 * Waits until a process has a watch of directories, as a server has from its first run on. Whoever
 * takes all its descriptors waits for that: Deno panics when it starts a thread without any. On Linux
 * (proc(5)); elsewhere nobody tells.
 */
export async function untilWatching(pid: number): Promise<void> {
  if (Deno.build.os !== "linux") return;
  const isWatching = async () =>
    (await outputOf("ls", "-l", `/proc/${pid}/fd`)).includes("inotify");
  await until(isWatching, { what: `a watch of PID ${pid}` });
}
