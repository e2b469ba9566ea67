/** How much memory a process takes. */

/** Resident memory of a process in MiB; NaN when it has ended. */
export async function residentMebibytes(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(pid)] })
    .output();
  return Number.parseInt(new TextDecoder().decode(stdout)) / 1024;
}
