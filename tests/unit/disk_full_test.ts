/** A full disk: the supervisor stays, says so once, and writes everything down once there is room. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { ServerLog } from "../../lib/server/server_log.ts";
import { writePrivateFile } from "../../lib/system/files.ts";
import { Bench } from "../support/supervisor.ts";
import { refused } from "../support/refused.ts";
import { until } from "../support/until.ts";

/** Runs a command of the system; whether it succeeded. */
async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** A file system of 1 MiB; null where this user may not mount one. */
async function smallDisk(): Promise<
  { path: string; [Symbol.asyncDispose](): Promise<void> } | null
> {
  const path = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  if (!await succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "persistproc-test", path)) {
    await Deno.remove(path);
    return null;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await succeeds("umount", "--lazy", path);
      await Deno.remove(path);
    },
  };
}

function skipped(): void {
  Deno.stderr.writeSync(new TextEncoder().encode("skipped: this user may not mount a tmpfs\n"));
}

/** Takes all the room there is; what is returned gives it back. */
async function fill(directory: string): Promise<() => void> {
  const path = join(directory, "filler");
  await succeeds("dd", "if=/dev/zero", `of=${path}`, "bs=4096");
  return () => Deno.removeSync(path);
}

async function recordOf(bench: Bench, { process }: { process: string }) {
  const path = join(bench.dataDirectory, "processes", process, "process.json");
  return JSON.parse(await Deno.readTextFile(path));
}

Deno.test("on a full disk what runs is listed and stopped, and is written down once there is room", async () => {
  await using disk = await smallDisk();
  if (disk === null) return skipped();
  await using bench = await Bench.create({ dataDirectory: join(disk.path, "data") });
  const first = await bench.shReady("echo ready; exec sleep 1000", { label: "first" });
  const second = await bench.sh("exec sleep 1000", { label: "second" });
  const empty = await fill(disk.path);

  const error = await refused(
    () => bench.start(["sleep", "1000"], { label: "third" }),
    "disk is full",
  );
  assertEquals(error.code, "storage");
  await refused(() => bench.restart({ label: "first" }), "disk is full");
  assertEquals(bench.now(first).pid, first.pid, "a restart that cannot work stops nothing");
  const stopped = await bench.stop({ label: "second" });
  assertEquals(stopped.status, "exited");
  assertStringIncludes(stopped.reason, "could not be written down yet. The disk is full");
  assertEquals((await bench.supervisor.list({ running_only: true })).map(({ pid }) => pid), [
    first.pid,
  ]);
  assertEquals((await recordOf(bench, second)).runs[0].status, "running");
  assertEquals(bench.reports.length, 1, bench.reports.join("\n"));
  assertStringIncludes(bench.reports[0] ?? "", "The disk is full");

  empty();
  await until(async () => (await recordOf(bench, second)).runs[0].status === "exited", {
    what: "the record of what was stopped",
  });
  await until(() => bench.reports.length === 2, { what: () => bench.reports.join("\n") });
  assertStringIncludes(bench.reports[1] ?? "", "written down again");
  assertEquals((await bench.start(["sleep", "1000"], { label: "third" })).status, "running");
  assertEquals((await bench.restart({ label: "first" })).previous_pid, first.pid);
});

Deno.test("how a program ends on a full disk is known, to this server and to the next", async () => {
  await using disk = await smallDisk();
  if (disk === null) return skipped();
  await using bench = await Bench.create({ dataDirectory: join(disk.path, "data") });
  const script = `until test -e go; do sleep 0.05; done; exit 3`;
  const now = await bench.sh(script, { label: "now" });
  const later = await bench.sh(script.replaceAll("go", "went"), { label: "later" });
  const empty = await fill(disk.path);
  await bench.write("go", "");
  const ended = await bench.ended(now);
  assertEquals([ended.exit_code, ended.signal], [3, null], ended.reason);

  await bench.reopen(async () => {
    await bench.write("went", "");
    await until(async () => (await bench.running()).length === 0, {
      what: "its end, and its keeper's",
    });
  });
  for (const run of [now, later]) {
    const { exit_code, status, reason } = bench.now(run);
    assertEquals([run.label, status, exit_code], [run.label, "exited", 3], reason);
  }
  empty();
});

Deno.test("the next server starts on a full disk, too", async () => {
  await using disk = await smallDisk();
  if (disk === null) return skipped();
  await using bench = await Bench.create({ dataDirectory: join(disk.path, "data") });
  const running = await bench.shReady("echo ready; exec sleep 1000");
  const ended = await bench.shReady("echo ready; read line; exit 3");
  let empty = () => {};
  await bench.reopen(async () => {
    empty = await fill(disk.path);
    Deno.kill(ended.pid ?? 0, "SIGKILL");
    await until(async () => (await bench.running()).length === 2, {
      what: "its end, and its keeper's",
    });
  });
  assertEquals([bench.now(running).status, bench.now(ended).status], ["running", "exited"]);
  empty();
  await until(async () => (await recordOf(bench, ended)).runs[0].status === "exited", {
    what: "its record",
  });
});

Deno.test("a writer that fails is told once, whatever fails, and tried again", async () => {
  let full = false;
  const write = async (path: string, text: string) => {
    if (full) throw Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    await writePrivateFile(path, text);
  };
  await using bench = await Bench.create({ write });
  const runs = [await bench.sh("exec sleep 1000"), await bench.sh("sleep 1001")];
  full = true;
  for (const { pid } of runs) await bench.stop({ pid: pid ?? 0 });
  assertEquals(bench.reports.length, 1, bench.reports.join("\n"));
  const error = await refused(() => bench.sh("exit 0"), "disk is full");
  assert(error.hint?.includes("room"), error.hint);
  full = false;
  for (const run of runs) {
    await until(async () => (await recordOf(bench, run)).runs[0].status === "exited", {
      what: "its record",
    });
  }
  await bench.ended(await bench.sh("exit 0"));
});

Deno.test("the server's log says how many messages a full disk has cost it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  try {
    const path = join(directory, "server.log");
    const log = new ServerLog(path, { now: () => 0 });
    await Deno.symlink("/dev/full", path);
    log.write("one");
    log.write("two");
    await Deno.remove(path);
    log.write("three");
    log.write("four");
    const time = "1970-01-01T00:00:00.000Z";
    assertEquals(
      await Deno.readTextFile(path),
      `${time} 2 messages before this could not be written\n${time} three\n${time} four\n`,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
