/** All benchmarks, with what each promises, in one table. */
import { Workspace } from "../../tests/support/workspace.ts";
import { benchmarkCommands } from "./commands.ts";
import { benchmarkListing } from "./listing.ts";
import { formatTable, type Row } from "./measure.ts";
import { benchmarkMemory, benchmarkRest } from "./server.ts";
import { benchmarkWriting } from "./writing.ts";

await using workspace = await Workspace.create();
const { pid } = await workspace.serve();

const benchmarks: (() => Promise<Row[]>)[] = [
  () => benchmarkMemory(workspace, pid),
  () => benchmarkCommands(workspace),
  () => benchmarkListing(workspace),
  () => benchmarkWriting(workspace),
  () => benchmarkRest(workspace, pid),
];
const rows: Row[] = [];
for (const benchmark of benchmarks) rows.push(...await benchmark());
await Deno.stdout.write(new TextEncoder().encode(formatTable(rows)));
