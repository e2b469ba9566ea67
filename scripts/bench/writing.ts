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
const longWriting: Writing = {
  name: "2 GiB in writes of 64 KiB",
  blockBytes: 65_536,
  blocks: 32_768,
  rounds: 5,
};

/** Needs a server that runs in the workspace. */
export async function benchmarkWriting(workspace: Workspace): Promise<Row[]> {
  return await compareWritings(workspace, writings);
}

/** The same above the limit of a log, the default and a small one, in workspaces of their own. */
export async function benchmarkRetention(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const limit of ["64M", "8M"]) {
    await using workspace = await Workspace.create();
    await workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: limit } });
    const name = `${longWriting.name}, ${limit} kept`;
    rows.push(...await compareWritings(workspace, [{ ...longWriting, name }]));
  }
  return rows;
}

async function compareWritings(
  workspace: Workspace,
  writings: readonly Writing[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const writing of writings) {
    rows.push(
      await compare({
        name: writing.name,
        rounds: writing.rounds,
        aim: 1.05,
        measured: () => underPersistproc(workspace, writing),
        baseline: () => redirected(workspace, writing),
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

async function redirected(workspace: Workspace, writing: Writing): Promise<number> {
  const file = workspace.path("redirected");
  const redirect = ["sh", "-c", `exec "$@" >>"$0"`, file, ...command(workspace, writing)];
  await workspace.spawnCommand(redirect, { stdin: "" }).end();
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
