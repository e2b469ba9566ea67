/** How much memory a process takes. */
import { outputOf } from "./output_of.ts";

/** Resident memory of a process in MiB; NaN when it has ended. */
export async function residentMebibytes(pid: number): Promise<number> {
  return Number.parseInt(await outputOf("ps", "-o", "rss=", "-p", String(pid))) / 1024;
}
