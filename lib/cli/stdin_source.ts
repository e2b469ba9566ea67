/** What `--stdin` means. */
import { dirname, join } from "@std/path";
import type { StdinSource } from "../protocol/process.ts";
import { ensurePrivateDirectory } from "../system/files.ts";
import { dataPaths } from "../system/paths.ts";
import { explainStorage } from "../system/storage_failure.ts";
import type { Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";
import { absolutePath } from "./values.ts";

/**
 * The standard input for a program: `open`, `null`, a file, or `-` for all of this command's input,
 * which is copied to a file first, since the program may be started again.
 *
 * @throws {UsageError} when there is no such file.
 */
export async function stdinSource(text: string, settings: Settings): Promise<StdinSource> {
  if (text === "open" || text === "null") return { kind: text };
  if (text === "-") return { kind: "file", path: await copyInput(settings) };
  const home = settings.environment["HOME"];
  const path = absolutePath(text, { directory: settings.directory, home, now: 0 });
  const found = await Deno.stat(path).catch(() => null);
  if (found?.isFile) return { kind: "file", path };
  throw new UsageError(
    `--stdin must be open, null, - or a file; ${path} is ${found ? "not a file" : "not there"}.`,
    "persistproc run --help",
  );
}

/** Removes a copy of the input that no program got; the server removes those that one got. */
export async function dropCopy(source: StdinSource | undefined, settings: Settings): Promise<void> {
  if (source?.kind !== "file") return;
  if (dirname(source.path) === dataPaths(settings.dataDirectory).input) {
    await Deno.remove(source.path);
  }
}

async function copyInput(settings: Settings): Promise<string> {
  const { input } = dataPaths(settings.dataDirectory);
  await ensurePrivateDirectory(input);
  const path = join(input, crypto.randomUUID());
  const file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    await Deno.stdin.readable.pipeTo(file.writable);
  } catch (error) {
    await Deno.remove(path);
    throw explainStorage(error, path);
  }
  return path;
}
