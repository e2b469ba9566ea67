/** The records of all processes on disk. */
import { dirname, join } from "@std/path";
import type { StdinSource } from "../protocol/process.ts";
import {
  ensurePrivateDirectory,
  readTextIfThere,
  refuseLinkSync,
  removeIfThere,
  writePrivateFile,
} from "../system/files.ts";
import type { DataPaths } from "../system/paths.ts";
import { livingProgramsOf } from "../system/run_identity.ts";
import { processDirectory, type ProcessRecord, runDirectory } from "./record.ts";
import { parseRecord } from "./record_format.ts";

/** Replaces a file by one with this text. */
export type WriteFile = (path: string, text: string) => Promise<void>;

/** Reads and writes `process.json` files. */
export class ProcessStore {
  readonly #paths: DataPaths;
  readonly #writeFile: WriteFile;
  readonly #writes = new Map<string, Promise<void>>();

  constructor(paths: DataPaths, options: { write?: WriteFile } = {}) {
    this.#paths = paths;
    this.#writeFile = options.write ?? writePrivateFile;
  }

  /** The directory that holds one directory per process. */
  get directory(): string {
    return this.#paths.processes;
  }

  /**
   * Reads all records. One that cannot be read, or whose runs are links, is moved to `damaged/` and
   * reported, with what of it still runs; the others still load.
   */
  async load(report: (message: string) => void): Promise<ProcessRecord[]> {
    await ensurePrivateDirectory(this.#paths.processes);
    const records: ProcessRecord[] = [];
    for await (const entry of Deno.readDir(this.#paths.processes)) {
      if (!entry.isDirectory) continue;
      const path = join(this.#paths.processes, entry.name, "process.json");
      try {
        const text = await readTextIfThere(path);
        if (text === null) throw new Error("process.json is missing");
        const record = parseRecord(text, entry.name);
        for (const run of record.runs) {
          refuseLinkSync(runDirectory(this.#paths.processes, record, run));
        }
        records.push(record);
      } catch (error) {
        if (await removeIfEmpty(dirname(path))) continue;
        const aside = await this.#setAside(entry.name);
        const pids = await livingProgramsOf(aside);
        report(
          `The process in ${entry.name} could not be read (${
            error instanceof Error ? error.message : error
          }); its files were moved to ${aside}.` +
            pids.map((pid) => ` Its program runs on, PID ${pid}; end it with: kill ${pid}`).join(
              "",
            ),
        );
      }
    }
    return records;
  }

  /** Writes a record as it is when its turn comes; writes of one process never overtake. */
  save(record: ProcessRecord): Promise<void> {
    const before = this.#writes.get(record.id) ?? Promise.resolve();
    const write = before.catch(() => {}).then(() => this.#write(record));
    this.#writes.set(record.id, write);
    const done = () => {
      if (this.#writes.get(record.id) === write) this.#writes.delete(record.id);
    };
    write.then(done, done);
    return write;
  }

  /** Resolves when nothing is being written any more. */
  async written(): Promise<void> {
    while (this.#writes.size > 0) await Promise.allSettled(this.#writes.values());
  }

  /** Makes the empty directory of a run. */
  async makeRunDirectory(path: string): Promise<void> {
    // No record knows it, or it would have another number: a crash has left it.
    await removeIfThere(path, { recursive: true });
    await ensurePrivateDirectory(path);
  }

  /** Forgets a process and all its files. */
  async remove(record: ProcessRecord): Promise<void> {
    await this.#writes.get(record.id)?.catch(() => {});
    await this.removeInput(record.stdin);
    await removeIfThere(processDirectory(this.#paths.processes, record), { recursive: true });
  }

  /** Removes what a program read, if it is a copy that was made for it. */
  async removeInput(stdin: StdinSource): Promise<void> {
    if (stdin.kind !== "file" || dirname(stdin.path) !== this.#paths.input) return;
    await removeIfThere(stdin.path);
  }

  /** Forgets the files of one run. */
  async removeRun(directory: string): Promise<void> {
    await removeIfThere(directory, { recursive: true });
  }

  async #write(record: ProcessRecord): Promise<void> {
    const directory = processDirectory(this.#paths.processes, record);
    // It may never have been made, for want of room, or somebody has removed it.
    await ensurePrivateDirectory(directory);
    await this.#writeFile(join(directory, "process.json"), JSON.stringify(record));
  }

  async #setAside(name: string): Promise<string> {
    await ensurePrivateDirectory(this.#paths.damaged);
    const aside = join(this.#paths.damaged, `${name}-${Date.now()}`);
    await Deno.rename(join(this.#paths.processes, name), aside);
    return aside;
  }
}

/** Removes what a start leaves for which the disk had no room: directories without a file. */
async function removeIfEmpty(processDirectory: string): Promise<boolean> {
  try {
    for await (const { name } of Deno.readDir(processDirectory)) {
      await Deno.remove(join(processDirectory, name, "input")).catch(() => {});
      if (!(await Deno.lstat(join(processDirectory, name))).isDirectory) return false;
      await Deno.remove(join(processDirectory, name));
    }
    await Deno.remove(processDirectory);
    return true;
  } catch {
    return false;
  }
}
