/** All benchmarks, with what each promises, in one table. */
import { Workspace } from "../../tests/support/workspace.ts";
import { benchmarkAttached } from "./attached.ts";
import { benchmarkCommands } from "./commands.ts";
import { benchmarkListing } from "./listing.ts";
import { benchmarkMany } from "./many.ts";
import { formatTable, type Row } from "./measure.ts";
import { benchmarkSearching } from "./searching.ts";
import { benchmarkMemory, benchmarkRest } from "./server.ts";
import { benchmarkTail } from "./tail.ts";
import { benchmarkRetention, benchmarkWriting } from "./writing.ts";

await using workspace = await Workspace.create();
const { pid } = await workspace.serve();

const benchmarks: (() => Promise<Row[]>)[] = [
  () => benchmarkMemory(workspace, pid),
  () => benchmarkCommands(workspace),
  () => benchmarkListing(workspace),
  () => benchmarkWriting(workspace),
  () => benchmarkRetention(),
  () => benchmarkMany(),
  () => benchmarkAttached(workspace),
  () => benchmarkTail(),
  () => benchmarkRest(workspace, pid),
  () => benchmarkSearching(),
];
const rows: Row[] = [];
for (const benchmark of benchmarks) rows.push(...await benchmark());
await Deno.stdout.write(new TextEncoder().encode(formatTable(rows)));
