/** The last line before a sudden end: always there, in the log and on the terminal. */
import { assertEquals } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { Workspace } from "../support/workspace.ts";

/** How programs end: what sh does after its last line, and the status of whoever ran it. */
const ends = [
  { name: "exit", act: "exit 3", code: 3 },
  { name: "abort", act: "kill -ABRT $$", code: 134 },
  { name: "SIGSEGV", act: "kill -SEGV $$", code: 139 },
  { name: "SIGKILL", act: "kill -KILL $$", code: 137 },
];

/** How many run at the same time. */
const LANES = 4;

for (const { name, act, code } of ends) {
  Deno.test(`the last line before ${name} is always there`, async () => {
    const count = times({ full: 200, ci: 48 });
    await using workspace = await Workspace.create();
    await workspace.serve();
    let bytes = 0;
    // The last line has no end, as that of a program that was cut off.
    const script =
      `ulimit -c 0; echo "first $N"; echo "error $N" >&2; printf "last words of $N"; ${act}`;
    await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
      for (let n = lane; n < count; n += LANES) {
        const run = ["run", "--label", `lane ${lane}`, "sh", "-c", script];
        const { stdout, stderr, code: status } = await workspace.run(run, { env: { N: `${n}` } });
        assertEquals([status, stdout], [code, `first ${n}\nlast words of ${n}`], stderr);
        const { processes } = await workspace.runJson([
          "list",
          "--command-or-label",
          `lane ${lane}`,
        ]);
        const [{ log_stdout, log_stderr }] = processes;
        assertEquals(await Deno.readTextFile(log_stdout), stdout);
        assertEquals(await Deno.readTextFile(log_stderr), `error ${n}\n`);
        bytes += stdout.length + `error ${n}\n`.length;
      }
    }));
    await tell({ fault: `11 the last line before ${name}`, times: count, bytes });
  });
}
