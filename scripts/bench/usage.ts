/** What a process has used, as the system tells it. */
import { residentMebibytes } from "../../tests/support/memory.ts";
import { outputOf } from "../../tests/support/output_of.ts";

/** Resident memory in MiB; on Linux the most that there ever was of it (proc(5)). */
export async function peakMebibytes(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return await residentMebibytes(pid);
  const status = await outputOf("cat", `/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** CPU time used so far: in ticks of 10 ms on Linux (proc(5)), in hundredths from ps elsewhere. */
export async function cpuSeconds(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") {
    const [seconds = NaN, minutes = 0] = (await outputOf("ps", "-o", "time=", "-p", String(pid)))
      .split(":").map(Number).reverse();
    return minutes * 60 + seconds;
  }
  const stat = await outputOf("cat", `/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
