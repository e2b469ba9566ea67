import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { statusWithoutServer } from "../../lib/cli/attach/exit_status.ts";
import { EXIT_FILE } from "../../lib/logs/run_files.ts";
import { withDirectory } from "../support/run_directory.ts";

/** The PID of a process that was, and is no more. */
async function endedPid(): Promise<number> {
  const child = new Deno.Command("true").spawn();
  await child.status;
  return child.pid;
}

Deno.test("the status of a program is known though its keeper writes it down a moment later", async () => {
  await withDirectory(async (directory) => {
    const pid = await endedPid();
    const status = statusWithoutServer({ pid, run_directory: directory });
    // After both of the looks at once.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Deno.writeTextFile(join(directory, EXIT_FILE), "3\n");
    assertEquals(await status, 3);
  });
});

Deno.test("what leaves no status was killed, and what runs has none", async () => {
  await withDirectory(async (directory) => {
    const pid = await endedPid();
    assertEquals(await statusWithoutServer({ pid, run_directory: directory }), 137);
    assertEquals(await statusWithoutServer({ pid: Deno.pid, run_directory: directory }), null);
  });
});
