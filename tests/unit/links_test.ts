/** A symbolic link in place of one of our files is neither written through nor deleted through. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { divertLogs, returnLogs } from "../../lib/logs/diversion.ts";
import { NOTHING_DROPPED, writeDropped } from "../../lib/logs/dropped.ts";
import { emptyKeepingSize, finishRewriting, rewriteFrom } from "../../lib/logs/holes.ts";
import { tailPath } from "../../lib/logs/log_file.ts";
import { TimelineWriter } from "../../lib/logs/timeline_writer.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { lockDataDirectory } from "../../lib/server/data_lock.ts";
import { removeServerFile, writeServerFile } from "../../lib/server/server_file.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { ensureToken, makeToken } from "../../lib/server/token.ts";
import { readProgramEnd } from "../../lib/supervisor/keeper_files.ts";
import { ProcessStore } from "../../lib/supervisor/store.ts";
import { ensureDataDirectory } from "../../lib/system/data_directory.ts";
import { ensurePrivateDirectory, openPrivateFileSync } from "../../lib/system/files.ts";
import { dataPaths } from "../../lib/system/paths.ts";
import { punchHole } from "../../lib/system/punch_hole.ts";
import { processRecord, runRecord } from "../support/records.ts";

const PRECIOUS = `${"precious\n".repeat(2_000)}`;

interface Links {
  /** Where our files are. */
  directory: string;
  /** Makes a link in it, to a file that must not change, or to a directory with one. */
  link(name: string, target?: "file" | "directory" | "empty" | "nothing"): string;
}

/** Gives a test a directory with links, and sees that nothing they point to has changed. */
async function withLinks(test: (links: Links) => void | Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  const [directory, elsewhere] = [join(root, "data"), join(root, "elsewhere")];
  Deno.mkdirSync(directory, { mode: 0o700 });
  Deno.mkdirSync(elsewhere, { mode: 0o755 });
  const files = ["file", "stdout.log", "stderr.log"].map((name) => join(elsewhere, name));
  for (const file of files) Deno.writeTextFileSync(file, PRECIOUS, { mode: 0o644 });
  const targets = {
    file: files[0],
    directory: elsewhere,
    empty: join(elsewhere, "empty"),
    nothing: join(elsewhere, "nothing"),
  };
  Deno.mkdirSync(targets.empty);
  const before = [...Deno.readDirSync(elsewhere)].length;
  try {
    await test({
      directory,
      link(name, target = "file") {
        const path = join(directory, name);
        Deno.symlinkSync(targets[target] ?? "", path);
        return path;
      },
    });
    for (const file of files) {
      const { mode, size } = Deno.statSync(file);
      assertEquals([Deno.readTextFileSync(file), (mode ?? 0) & 0o777], [PRECIOUS, 0o644], file);
      assertEquals(size, PRECIOUS.length);
    }
    assertEquals([...Deno.readDirSync(elsewhere)].length, before, "files elsewhere");
    assertEquals([...Deno.readDirSync(targets.empty)], []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const refuses = (act: () => unknown) => assertThrows(act, PersistprocError, "symbolic link");

Deno.test("a file of ours is opened, made privately, or refused when it is a link", () =>
  withLinks(({ directory, link }) => {
    const path = join(directory, "new");
    for (const text of ["one", "two"]) {
      using file = openPrivateFileSync(path, { append: true });
      file.writeSync(new TextEncoder().encode(text));
    }
    assertEquals(Deno.readTextFileSync(path), "onetwo");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assertThrows(
      () => openPrivateFileSync(join(directory, "none"), { create: false }),
      Deno.errors.NotFound,
    );
    for (const target of ["file", "nothing"] as const) {
      const path = link(target, target);
      for (const append of [true, false]) refuses(() => openPrivateFileSync(path, { append }));
    }
  }));

Deno.test("no log is shortened, emptied or punched through a link", () =>
  withLinks(async ({ link }) => {
    const path = link("stdout.log");
    refuses(() => rewriteFrom(path, 9_000));
    Deno.writeTextFileSync(tailPath(path), "put aside by a server that died");
    refuses(() => finishRewriting(path, 9_000));
    refuses(() => emptyKeepingSize(path));
    if (Deno.build.os === "linux") {
      await assertRejects(() => punchHole(path, 8_192), PersistprocError, "symbolic link");
    }
  }));

Deno.test("timeline and note of what was dropped replace links, or refuse them", () =>
  withLinks(({ directory, link }) => {
    link("timeline");
    refuses(() => TimelineWriter.open(directory, 1));
    for (const name of [".dropped", "dropped"]) link(name);
    writeDropped(directory, { ...NOTHING_DROPPED, stdout: 1 });
    assert(Deno.lstatSync(join(directory, "dropped")).isFile);
  }));

Deno.test("logs are not moved into a directory that is a link, nor out of it", () =>
  withLinks(({ directory, link }) => {
    for (const name of ["stdout.log", "stderr.log"]) {
      Deno.writeTextFileSync(join(directory, name), "ours");
    }
    const unwatched = link("unwatched", "empty");
    divertLogs(directory);
    assertEquals([...Deno.readDirSync(unwatched)], []);
    Deno.removeSync(unwatched);
    link("unwatched", "directory");
    returnLogs(directory);
    assertEquals(Deno.readTextFileSync(join(directory, "stdout.log")), "ours");
  }));

Deno.test("the words of a shell leave no file that a link points to", () =>
  withLinks(async ({ directory, link }) => {
    Deno.writeTextFileSync(join(directory, "exit"), "127 unstarted\n");
    link("stderr.log");
    await assertRejects(() => readProgramEnd(directory), PersistprocError, "symbolic link");
  }));

Deno.test("the server's own files replace links, or refuse them", () =>
  withLinks(async ({ directory, link }) => {
    const paths = dataPaths(directory);
    link("token");
    await makeToken(paths.token);
    assert(Deno.lstatSync(paths.token).isFile);
    Deno.removeSync(paths.token);
    link("server.json");
    const server = { pid: 1, port: 2, version: "3", started_at: "4" };
    await writeServerFile(paths.server, server);
    assert(Deno.lstatSync(paths.server).isFile);
    await removeServerFile(paths.server);
    link("server.json");
    await removeServerFile(paths.server);
    assertThrows(() => Deno.lstatSync(paths.server), Deno.errors.NotFound);

    link("lock", "nothing");
    await assertRejects(() => lockDataDirectory(paths), PersistprocError, "symbolic link");
    link("server.log");
    new ServerLog(paths.serverLog).write("message");
    Deno.removeSync(paths.serverLog);
    link("server.log.new");
    const log = new ServerLog(paths.serverLog, { maxBytes: 100 });
    for (let i = 0; i < 20; i++) log.write(`message ${i}`);
    assert(Deno.statSync(paths.serverLog).size <= 100);
  }));

Deno.test("a token that is a link is refused, even to one that would do", () =>
  withLinks(async ({ directory }) => {
    const [path, real] = [join(directory, "token"), join(directory, "real")];
    const token = await makeToken(real);
    Deno.symlinkSync(real, path);
    await assertRejects(() => ensureToken(path), PersistprocError, "symbolic link");
    assertEquals(Deno.readTextFileSync(real).trim(), token);
  }));

Deno.test("directories that are links are refused, but for the data directory itself", () =>
  withLinks(async ({ link }) => {
    const path = link("processes", "directory");
    await assertRejects(() => ensurePrivateDirectory(path), PersistprocError, "symbolic link");
    await assertRejects(() => ensurePrivateDirectory(link("gone", "nothing")));
    await ensureDataDirectory(path);
  }));

Deno.test("processes and runs that are links are not taken over, and not deleted through", () =>
  withLinks(async ({ directory, link }) => {
    const paths = dataPaths(directory);
    const store = new ProcessStore(paths);
    const record = processRecord({ id: "aaaa", runs: [runRecord({ number: 1 })] });
    await ensurePrivateDirectory(join(paths.processes, "aaaa"));
    await store.save(record);
    link("processes/bbbb", "directory");
    link("processes/aaaa/1", "directory");
    const reports: string[] = [];
    assertEquals(await store.load((message) => reports.push(message)), []);
    assertEquals(reports.length, 1);
    assert(reports[0]?.includes("symbolic link"), reports[0]);

    const run = link("processes/aaab", "directory");
    await store.removeRun(run);
    await store.remove(processRecord({ id: "bbbb" }));
    assertEquals([...Deno.readDirSync(paths.processes)], []);
    link("processes/cccc", "directory");
    await store.makeRunDirectory(join(paths.processes, "cccc"));
    assert(Deno.lstatSync(join(paths.processes, "cccc")).isDirectory);
  }));
