import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ProcessStore } from "../../lib/supervisor/store.ts";
import { dataPaths } from "../../lib/system/paths.ts";
import { processRecord, runRecord } from "../support/records.ts";

interface StoreTest {
  store: ProcessStore;
  directory: string;
  processes: string;
  damaged: string;
  reports: string[];
  load: () => ReturnType<ProcessStore["load"]>;
  write: (id: string, file: string, text: string) => Promise<void>;
}

async function withStore(test: (context: StoreTest) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  const paths = dataPaths(directory);
  const store = new ProcessStore(paths);
  const reports: string[] = [];
  try {
    await test({
      store,
      directory,
      processes: paths.processes,
      damaged: paths.damaged,
      reports,
      load: () => store.load((message) => reports.push(message)),
      write: async (id, file, text) => {
        await Deno.mkdir(join(paths.processes, id), { recursive: true });
        await Deno.writeTextFile(join(paths.processes, id, file), text);
      },
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).toSorted();

Deno.test("what is saved is loaded, by a new data directory nothing", async () => {
  await withStore(async ({ store, load, reports }) => {
    assertEquals(await load(), []);
    const record = processRecord({ id: "aaaa", environment: { A: "ü\n" } });
    await store.makeRunDirectory(join(store.directory, "aaaa", "1"));
    await store.save(record);
    assertEquals(await load(), [record]);
    assertEquals(reports, []);
  });
});

Deno.test("only this user may read a record", async () => {
  await withStore(async ({ store, processes }) => {
    await store.makeRunDirectory(join(processes, "aaaa", "1"));
    await store.save(processRecord({ id: "aaaa" }));
    const mode = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
    assertEquals(mode(processes), "700");
    assertEquals(mode(join(processes, "aaaa")), "700");
    assertEquals(mode(join(processes, "aaaa", "1")), "700");
    assertEquals(mode(join(processes, "aaaa", "process.json")), "600");
  });
});

Deno.test("saves of one process never overtake each other", async () => {
  await withStore(async ({ store, load, processes }) => {
    await store.makeRunDirectory(join(processes, "aaaa", "1"));
    const record = processRecord({ id: "aaaa" });
    const saves = Array.from({ length: 50 }, (_, i) => {
      record.restarts = i;
      return store.save(record);
    });
    await Promise.all(saves);
    assertEquals((await load())[0]?.restarts, 49);
    assertEquals(names(join(processes, "aaaa")), ["1", "process.json"]);
  });
});

Deno.test("damaged records are set aside and reported; the others load", async () => {
  const sound = processRecord({ id: "good" });
  const without = (...fields: (keyof typeof sound)[]) =>
    JSON.stringify({
      ...sound,
      id: "bad",
      ...Object.fromEntries(fields.map((f) => [f, undefined])),
    });
  const damages: Record<string, string> = {
    empty: "",
    "half-written": JSON.stringify(sound).slice(0, 80),
    "not an object": "[]",
    null: "null",
    "of another format": JSON.stringify({ ...sound, id: "bad", format: 2 }),
    "of another process": JSON.stringify({ ...sound, id: "else" }),
    "without runs": JSON.stringify({ ...sound, id: "bad", runs: [] }),
    "with a run that is none": JSON.stringify({ ...sound, id: "bad", runs: [null] }),
    ...Object.fromEntries(
      (Object.keys(sound) as (keyof typeof sound)[]).map((f) => [`without ${f}`, without(f)]),
    ),
    ...Object.fromEntries(
      (["number", "status", "reason", "pid", "group", "started_at", "kernel_started"] as const)
        .map((field) => [
          `with a run without ${field}`,
          JSON.stringify({ ...sound, id: "bad", runs: [{ ...runRecord({}), [field]: undefined }] }),
        ]),
    ),
  };
  const accepted: string[] = [];
  for (const [name, text] of Object.entries(damages)) {
    await withStore(async ({ load, write, processes, damaged, reports }) => {
      await write("good", "process.json", JSON.stringify(sound));
      await write("bad", "process.json", text);
      await write("bad", "stdout.log", "what it wrote");
      const loaded = await load();
      if (loaded.length !== 1) {
        accepted.push(name);
        return;
      }
      assertEquals(loaded, [sound], name);
      assertEquals(names(processes), ["good"], name);
      assertEquals(reports.length, 1, name);
      assert(reports[0]?.includes("bad") && reports[0].includes(damaged), reports[0]);
      const [aside = ""] = names(damaged);
      const kept = await Deno.readTextFile(join(damaged, aside, "process.json"));
      assertEquals(kept, text);
      assertEquals(await Deno.readTextFile(join(damaged, aside, "stdout.log")), "what it wrote");
      assertEquals((await load()).length, 1);
      assertEquals(reports.length, 1, "it is reported once");
    });
  }
  assertEquals(accepted, [], "damaged, but loaded");
});

Deno.test("drafts that a crash left are neither read nor reported", async () => {
  await withStore(async ({ load, write, reports }) => {
    const sound = processRecord({ id: "good" });
    await write("good", "process.json", JSON.stringify(sound));
    await write("good", ".process.json.4711", JSON.stringify(sound).slice(0, 40));
    await write("..", "stray-file", "");
    assertEquals(await load(), [sound]);
    assertEquals(reports, []);
  });
});

Deno.test("a process that is forgotten leaves no file, even one that is being saved", async () => {
  await withStore(async ({ store, processes }) => {
    const record = processRecord({ id: "aaaa" });
    await store.makeRunDirectory(join(processes, "aaaa", "1"));
    await store.makeRunDirectory(join(processes, "aaaa", "2"));
    await store.removeRun(join(processes, "aaaa", "1"));
    assertEquals(names(join(processes, "aaaa")), ["2"]);
    const saving = store.save(record);
    await store.remove(record);
    await saving;
    assertEquals(names(processes), []);
    await store.remove(record);
  });
});

Deno.test("what a start leaves that had no room for a file is removed, and is no damage", async () => {
  await withStore(async ({ store, load, processes, damaged, reports }) => {
    await store.makeRunDirectory(join(processes, "aaaa", "1"));
    await store.makeRunDirectory(join(processes, "aaaa", "1", "input"));
    await store.makeRunDirectory(join(processes, "bbbb"));
    await store.makeRunDirectory(join(processes, "cccc", "1"));
    await Deno.writeTextFile(join(processes, "cccc", "1", "stdout.log"), "kept");
    assertEquals(await load(), []);
    assertEquals(names(processes), []);
    assertEquals([reports.length, names(damaged).length], [1, 1], reports.join("\n"));
    assertEquals(names(join(damaged, names(damaged)[0] ?? "", "1")), ["stdout.log"]);
  });
});
