/** The copies of a command's input that programs read (`--stdin -`). */
import { assertEquals } from "@std/assert";
import { dataPaths } from "../../lib/system/paths.ts";
import { KEPT_ENDED_PROCESSES } from "../../lib/protocol/limits.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a copy of the input goes with its process, and no other file does", async () => {
  await using bench = await Bench.create();
  const { input } = dataPaths(bench.dataDirectory);
  await Deno.mkdir(input, { recursive: true });
  const copy = `${input}/copy`;
  await Deno.writeTextFile(copy, "all of the input\n");
  const own = await bench.write("own.txt", "a file of the user's\n");
  await bench.ended(await bench.start(["cat"], { stdin: { kind: "file", path: copy } }));
  await bench.ended(await bench.start(["sort"], { stdin: { kind: "file", path: own } }));
  const restarted = await bench.restart({ command: ["cat"] });
  await bench.printed(restarted, "all of the input\n");
  await bench.ended(restarted);
  assertEquals(exists(copy), true, "it is read at each restart");
  for (let n = 0; n <= KEPT_ENDED_PROCESSES; n++) await bench.ended(await bench.sh(`exit ${n}`));
  await until(() => !exists(copy), { what: "the removal of the copy" });
  assertEquals(exists(own), true);
});
