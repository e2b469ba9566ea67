/** What writing costs a program under persistproc, against the shell's own redirect. */
import { until } from "../../tests/support/until.ts";
import { Workspace } from "../../tests/support/workspace.ts";
import { compare, type Row } from "./measure.ts";

/**
 * Copies zeros with dd, which does nothing but write, and takes its own time: bash's `time` keyword
 * around it. The first argument is the file for the seconds.
 */
const timed = `TIMEFORMAT=%R; { time dd if=/dev/zero "bs=$1" "count=$2" 2>/dev/null; } 2>"$0"`;

/** A program that writes so many blocks of so many bytes. */
interface Writing {
  name: string;
  blockBytes: number;
  blocks: number;
  rounds: number;
}

const writings: Writing[] = [
  { name: "a million writes of 64 bytes", blockBytes: 64, blocks: 1_000_000, rounds: 9 },
  { name: "1 GiB in writes of 64 KiB", blockBytes: 65_536, blocks: 16_384, rounds: 9 },
];

/** More than the limits below leave: while it is written, its oldest part is dropped. */
const longWritings: Writing[] = [
  { name: "4 million writes of 64 bytes", blockBytes: 64, blocks: 4_000_000, rounds: 5 },
  { name: "2 GiB in writes of 64 KiB", blockBytes: 65_536, blocks: 32_768, rounds: 5 },
];

const MEBIBYTE = 1024 * 1024;

/**
 * A redirect whose file is kept within a limit by the least that can do it: holes punched into it,
 * as seldom as the server does. The file system makes a writer wait while it frees what is cut.
 * Arguments: the file, the limit in bytes, the writing command.
 */
const bounded = `file=$0 limit=$1; shift
"$@" >>"$file" & writer=$!
cut=0
while kill -0 $writer 2>/dev/null; do
  size=$(stat -c %s "$file")
  if [ $((size - cut)) -gt $((limit * 16)) ]; then
    cut=$((size - limit))
    fallocate --punch-hole --offset 0 --length $cut "$file"
  fi
  sleep 0.05
done`;

/** Needs a server that runs in the workspace. */
export async function benchmarkWriting(workspace: Workspace): Promise<Row[]> {
  return await compareWritings(workspace, writings, redirected);
}

/**
 * The same above the limit of a log, the default and a small one, in workspaces of their own.
 * Compared with a redirect that is bounded, too: one that is not spares itself the freeing, or is
 * itself held up because the disk does not keep up with it.
 */
export async function benchmarkRetention(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const limit of [64, 8]) {
    await using workspace = await Workspace.create();
    await workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: `${limit}M` } });
    const named = longWritings.map((writing) => ({
      ...writing,
      name: `${writing.name}, ${limit}M kept`,
    }));
    const baseline: Baseline = (workspace, writing) =>
      redirected(workspace, writing, ["bash", "-c", bounded, FILE, String(limit * MEBIBYTE)]);
    rows.push(...await compareWritings(workspace, named, baseline));
  }
  return rows;
}

/** Milliseconds that the writing takes without persistproc. */
type Baseline = (workspace: Workspace, writing: Writing) => Promise<number>;

async function compareWritings(
  workspace: Workspace,
  writings: readonly Writing[],
  baseline: Baseline,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const writing of writings) {
    rows.push(
      await compare({
        name: writing.name,
        rounds: writing.rounds,
        aim: 1.05,
        measured: () => underPersistproc(workspace, writing),
        baseline: () => baseline(workspace, writing),
      }),
    );
  }
  return rows;
}

function command(workspace: Workspace, { blockBytes, blocks }: Writing): string[] {
  return ["bash", "-c", timed, workspace.path("seconds"), String(blockBytes), String(blocks)];
}

async function underPersistproc(workspace: Workspace, writing: Writing): Promise<number> {
  const { log_stdout } = await workspace.runJson(["start", ...command(workspace, writing)]);
  const time = await takenTime(workspace);
  await until(
    async () => (await workspace.runJson(["list", "--running"])).processes.length === 0,
    { what: "the end of the writing program" },
  );
  await checkAndRemove(log_stdout, writing);
  return time;
}

/** What the baseline writes to, in the workspace. */
const FILE = "redirected";

async function redirected(
  workspace: Workspace,
  writing: Writing,
  redirect: string[] = ["sh", "-c", `exec "$@" >>"$0"`, FILE],
): Promise<number> {
  const file = workspace.path(FILE);
  await workspace.spawnCommand([...redirect, ...command(workspace, writing)], { stdin: "" }).end();
  const time = await takenTime(workspace);
  await checkAndRemove(file, writing);
  return time;
}

/** Milliseconds, once they are written. */
async function takenTime(workspace: Workspace): Promise<number> {
  const file = workspace.path("seconds");
  const read = () => Deno.readTextFile(file).catch(() => "");
  const seconds = await until(async () => /^\d+\.\d+$/m.exec(await read())?.[0], {
    what: "the seconds of the writing program",
    timeout: 120_000,
  });
  await Deno.remove(file);
  return Number(seconds) * 1000;
}

async function checkAndRemove(file: string, { blockBytes, blocks }: Writing): Promise<void> {
  const { size } = await Deno.stat(file);
  if (size !== blockBytes * blocks) throw new Error(`${file} has ${size} bytes`);
  await Deno.truncate(file);
}
