import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { checkDataDirectory, ensureDataDirectory } from "../../lib/system/data_directory.ts";
import {
  ensurePrivateDirectory,
  readTextIfThere,
  writePrivateFile,
} from "../../lib/system/files.ts";

async function inTempDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("a private directory and its new parents may only be entered by their owner", async () => {
  await inTempDirectory(async (directory) => {
    await ensurePrivateDirectory(join(directory, "a", "b"));
    await ensurePrivateDirectory(join(directory, "a", "b"));
    assertEquals(await mode(join(directory, "a")), 0o700);
    assertEquals(await mode(join(directory, "a", "b")), 0o700);
  });
});

Deno.test("a private file replaces what was there, whatever its mode was", async () => {
  await inTempDirectory(async (directory) => {
    const path = join(directory, "file");
    await Deno.writeTextFile(path, "a long old text", { mode: 0o644 });
    await writePrivateFile(path, "new");
    assertEquals(await Deno.readTextFile(path), "new");
    assertEquals(await mode(path), 0o600);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["file"]);
  });
});

Deno.test("readers of a file that is replaced see one of its texts, whole", async () => {
  await inTempDirectory(async (directory) => {
    const path = join(directory, "file");
    const texts = ["a", "b", "c"].map((letter) => letter.repeat(100_000));
    await writePrivateFile(path, texts[0] ?? "");
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 100; i++) await writePrivateFile(path, texts[i % 3] ?? "");
      writing = false;
    })();
    while (writing) {
      const text = await Deno.readTextFile(path);
      assertEquals(texts.includes(text), true);
    }
    await writer;
  });
});

Deno.test("a write that fails leaves the old file and no draft", async () => {
  await inTempDirectory(async (directory) => {
    const path = join(directory, "directory");
    await Deno.mkdir(join(path, "full"), { recursive: true });
    await assertRejects(() => writePrivateFile(path, "text"));
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["directory"]);
  });
});

Deno.test("a missing file is null, and an unreadable one an error", async () => {
  await inTempDirectory(async (directory) => {
    assertEquals(await readTextIfThere(join(directory, "none")), null);
    await assertRejects(() => readTextIfThere(directory));
  });
});

Deno.test("a data directory that cannot be one is named, with the reason and a way out", async () => {
  await inTempDirectory(async (directory) => {
    const file = join(directory, "file");
    await Deno.writeTextFile(file, "text");
    const cases: [path: string, why: string][] = [
      [file, "it is not a directory"],
      [join(file, "below"), "what it lies in is not a directory"],
      [join(directory, "n".repeat(300)), "file name too long"],
      // Deno refuses these before the system is asked.
      ["/proc/nope/x", "nothing can be kept below /dev, /proc and /sys"],
      ["/dev/null/x", "nothing can be kept below /dev, /proc and /sys"],
    ];
    for (const [path, why] of cases) {
      const attempts = [() => ensureDataDirectory(path), () => checkDataDirectory(path)];
      for (const attempt of attempts) {
        const error = await assertRejects(attempt, PersistprocError);
        assertEquals(
          [error.code, error.message, error.hint],
          [
            "storage",
            `${path} cannot be the data directory: ${why}.`,
            "Name one of your own: --data-dir DIR",
          ],
        );
      }
    }
    assertEquals(await Deno.readTextFile(file), "text");
  });
});
