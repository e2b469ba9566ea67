/** Files of runs that are gone or are none: they cost what they held, and nobody anything else. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { checkData } from "../../lib/cli/doctor/data_directory.ts";
import type { Settings } from "../../lib/cli/settings.ts";
import { openWatch } from "../../lib/logs/directory_watch.ts";
import { formatResult, readPage } from "../../lib/logs/output_page.ts";
import { askProgram } from "../../lib/system/ask.ts";
import { writePrivateFile } from "../../lib/system/files.ts";
import { refused } from "../support/refused.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

/** What `output` of a label says: its lines, and the line below them. */
async function outputOf(bench: Bench, label: string): Promise<{ lines: string; footer: string }> {
  const result = await readPage({
    runs: await bench.supervisor.history({ command_or_label: label }, true),
    all: false,
    stream: "combined",
    lines: null,
    since: null,
    before: null,
  });
  const { text, footer } = formatResult(result, { timestamps: false, maxCharacters: null });
  return { lines: text.body, footer };
}

async function putDirectory(path: string): Promise<void> {
  await Deno.remove(path);
  await Deno.mkdir(path);
}

const labels = async (bench: Bench) => (await bench.supervisor.list({})).map(({ label }) => label);

Deno.test("a directory in the place of a log keeps nothing from being listed and read", async () => {
  await using bench = await Bench.create();
  const web = await bench.shReady("echo ready; echo error: no >&2; exec sleep 100", {
    label: "web",
  });
  await bench.shReady("echo ready; exec sleep 100", { label: "api" });
  await bench.printed(web, "error", "stderr");
  await putDirectory(web.log_stdout);
  const look = async () => {
    assertEquals(await labels(bench), ["web", "api"]);
    const { lines, footer } = await outputOf(bench, "web");
    assertEquals(lines, "error: no");
    assertStringIncludes(footer, `${web.log_stdout} is not a file`);
    assertEquals((await outputOf(bench, "api")).lines, "ready");
  };
  await look();
  await bench.reopen();
  await look();
  assertEquals((await bench.stop({ label: "web" })).status, "exited");
});

for (const name of ["timeline", "dropped"]) {
  Deno.test(`a directory named ${name} hides no line`, async () => {
    await using bench = await Bench.create();
    const web = await bench.shReady("echo ready; exec sleep 100", { label: "web" });
    const path = join(web.run_directory, name);
    await Deno.remove(path).catch(() => {});
    await Deno.mkdir(path);
    assertEquals((await outputOf(bench, "web")).lines, "ready");
    await bench.reopen();
    assertEquals((await outputOf(bench, "web")).lines, "ready");
    assertEquals(await labels(bench), ["web"]);
    assert(bench.reports.some((report) => report.includes(web.run_directory)), `${bench.reports}`);
  });
}

Deno.test("a log that was deleted is said to be gone", async () => {
  await using bench = await Bench.create();
  const web = await bench.shReady("echo ready; exec sleep 100", { label: "web" });
  await Deno.remove(web.log_stdout);
  const { lines, footer } = await outputOf(bench, "web");
  assertEquals(lines, "");
  assertStringIncludes(footer, `${web.log_stdout} is not there any more`);
});

Deno.test("the log of what is just being started is not said to be gone", async () => {
  const listed = Promise.withResolvers<void>();
  const room = Promise.withResolvers<void>();
  await using bench = await Bench.create({
    write: async (path, text) => {
      listed.resolve();
      await room.promise;
      await writePrivateFile(path, text);
    },
  });
  const start = bench.start(["sleep", "100"], { label: "web" });
  await listed.promise;
  const { lines, footer } = await outputOf(bench, "web");
  room.resolve();
  await start;
  assertEquals([lines, footer.includes("not there")], ["", false], footer);
});

Deno.test("where the directory of processes is gone, they are started and restarted all the same", async () => {
  await using bench = await Bench.create();
  const web = await bench.shReady("echo ready; exec sleep 100", { label: "web" });
  await Deno.remove(join(bench.dataDirectory, "processes"), { recursive: true });
  const restarted = await bench.restart({ label: "web" });
  assertEquals([restarted.status, restarted.previous_pid], ["running", web.pid]);
  assertEquals((await bench.sh("exec sleep 100", { label: "api" })).status, "running");
  await bench.reopen();
  assertEquals(await labels(bench), ["web", "api"]);
});

Deno.test("what cannot be written down is refused with its path and the cause", async () => {
  await using bench = await Bench.create();
  const web = await bench.shReady("echo ready; exec sleep 100", { label: "web" });
  const processes = join(bench.dataDirectory, "processes");
  await Deno.rename(processes, `${processes}.away`);
  await Deno.writeTextFile(processes, "");
  for (const act of [() => bench.sh("exec sleep 200"), () => bench.restart({ label: "web" })]) {
    const { code, hint } = await refused(act, processes, "could not be written: not a directory");
    assertEquals(code, "storage");
    assert(hint);
  }
  assertEquals(bench.now(web).pid, web.pid, "a restart that cannot work stops nothing");
  // At once, or what is to be written down makes the directory anew.
  Deno.removeSync(processes);
  Deno.renameSync(`${processes}.away`, processes);
  await until(() => bench.reports.some((report) => report.includes("written down again")), {
    what: () => bench.reports.join("\n"),
  });
});

Deno.test("of a process whose record is damaged, the log and the doctor say what runs on", async () => {
  await using bench = await Bench.create();
  const { pid, process } = await bench.shReady("echo ready; exec sleep 100", { label: "web" });
  const advice = async () => {
    const settings = { dataDirectory: bench.dataDirectory } as Settings;
    const checks = await checkData({ settings, ask: askProgram, openWatch, os: Deno.build.os });
    return checks.find(({ check }) => check === "damaged files")?.advice ?? "";
  };
  await bench.reopen(() =>
    Deno.writeTextFile(join(bench.dataDirectory, "processes", process, "process.json"), "{")
  );
  assertEquals(await labels(bench), []);
  assertStringIncludes(bench.reports.join("\n"), `Its program runs on, PID ${pid}`);
  assertStringIncludes(await advice(), `kill ${pid}`);
  assert(pid !== null);
  Deno.kill(pid, "SIGKILL");
  await until(async () => (await bench.running()).length === 0, { what: "its end" });
  assertStringIncludes(await advice(), "rm -r");
});
