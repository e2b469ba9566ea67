/** A flood of many times the limit: memory and disk bounded, and true reports of what is gone. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "@std/path";
import { tell, times } from "../support/faults.ts";
import { logSize } from "../support/log_files.ts";
import { residentMebibytes } from "../support/memory.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const LINE = 1024;
const MEBIBYTE = 1024 * 1024;
const LIMIT = 2 * MEBIBYTE;

/** Numbered lines of 1024 bytes, so that a line's number says where in the log it was. */
const SCRIPT = `BEGIN {
  pad = sprintf("%01011d", 0)
  for (n = 0; n < lines; n++) printf "%012d%s\\n", n, pad
}`;

Deno.test("a flood of many times the limit leaves memory and disk bounded, and says what is gone", async () => {
  const total = times({ full: 3 * 1024, ci: 300 }) * MEBIBYTE;
  await using workspace = await Workspace.create();
  const server = await workspace.serve([], { env: { PERSISTPROC_LOG_LIMIT: "2M" } });
  const agent = await workspace.agent();
  // Whatever answering costs at first is no part of the flood.
  await agent.call("list");
  const before = await residentMebibytes(server.pid);
  // The most that may be there: limit x 16 is cut at once, but a fast writer does not wait.
  const atMost = 160 * MEBIBYTE;
  const command = ["awk", "-v", `lines=${total / LINE}`, SCRIPT];
  const { log_stdout } = await workspace.runJson(["start", "--label", "flood", ...command]);
  let [most, memory, looks] = [0, before, 0];
  await until(async () => {
    looks++;
    most = Math.max(most, await allocated(dirname(log_stdout)));
    memory = Math.max(memory, await residentMebibytes(server.pid));
    return await logSize(log_stdout) === total;
  }, { what: "the end of the flood", timeout: 240_000 });
  assert(most < atMost, `${most / MEBIBYTE} MiB on disk`);
  assert(memory - before < 100, `${before} MiB, then ${memory} MiB`);
  await until(async () => await allocated(dirname(log_stdout)) < 1.5 * LIMIT, {
    what: "a log within its limit",
  });

  // What is kept begins with a line and is what was written.
  const { stdout: dropped } = JSON.parse(
    await Deno.readTextFile(`${dirname(log_stdout)}/dropped`),
  );
  assertEquals(dropped % LINE, 0);
  assert(total - dropped >= LIMIT && total - dropped < 1.5 * LIMIT, `${total - dropped} are kept`);
  const bytes = await assertLines(log_stdout, dropped, total);

  // And that is what is reported, to whoever asks for all of it or for a line that is gone.
  const all = await workspace.runJson([
    ...["output", "--lines", "1000000", "--label", "flood"],
  ]);
  assertEquals([all.lines_shown, all.missed_bytes], [bytes / LINE, dropped]);
  const request = { command_or_label: "flood", stream: "stdout" };
  const search = await agent.call("output", { ...request, grep: "^000000000007" });
  assertMatch(search.text, new RegExp(`${dropped} (bytes )?missed|missed_bytes[^0-9]*${dropped}`));
  const last = await agent.call("output", { ...request, lines: 1 });
  assertMatch(last.text, new RegExp(`^${String(total / LINE - 1).padStart(12, "0")}`, "m"));
  const note = `of ${total / MEBIBYTE} MiB at most ${(most / MEBIBYTE).toFixed()} MiB on disk, ${
    (memory - before).toFixed()
  } MiB more memory, ${looks} looks`;
  await tell({ fault: "7 a flood above the limit", times: 1, bytes, note });
});

/** What the files of a run take on disk, in bytes. */
async function allocated(directory: string): Promise<number> {
  let blocks = 0;
  for await (const { name, isFile } of Deno.readDir(directory)) {
    const stat = isFile ? await Deno.stat(`${directory}/${name}`).catch(() => null) : null;
    blocks += stat?.blocks ?? 0;
  }
  return blocks * 512;
}

async function assertLines(path: string, from: number, to: number): Promise<number> {
  using file = await Deno.open(path);
  await file.seek(from, Deno.SeekMode.Start);
  const bytes = new Uint8Array(to - from);
  for (let filled = 0; filled < bytes.length;) {
    filled += await file.read(bytes.subarray(filled)) ?? bytes.length;
  }
  const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
  const pad = "0".repeat(1011);
  lines.forEach((line, at) => {
    const expected = String(from / LINE + at).padStart(12, "0") + pad;
    if (line !== expected) throw new Error(`at line ${from / LINE + at}: ${line.slice(0, 60)}`);
  });
  assertEquals(lines.length * LINE, to - from);
  return to - from;
}
