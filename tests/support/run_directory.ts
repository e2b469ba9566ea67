/** A run's directory as a recorder that saw each write at once would leave it. */
import { join } from "@std/path";
import { writeDropped } from "../../lib/logs/dropped.ts";
import type { RunSource } from "../../lib/logs/run_source.ts";
import { logPath, type LogSizes } from "../../lib/logs/run_files.ts";
import { TimelineWriter } from "../../lib/logs/timeline_writer.ts";

/** One run that a test writes itself. */
export class RunDirectory {
  readonly source: RunSource;
  readonly sizes: LogSizes = { stdout: 0, stderr: 0 };
  /** Everything that was written. */
  readonly written = { stdout: "", stderr: "" };

  constructor(root: string, facts: Partial<RunSource> & { process: string; run: number }) {
    const runDirectory = join(root, facts.process, String(facts.run));
    Deno.mkdirSync(runDirectory, { recursive: true });
    this.source = {
      label: facts.process,
      pid: 100 + facts.run,
      startedAt: 1,
      ended: false,
      runDirectory,
      ...facts,
    };
    this.write(this.source.startedAt, {});
  }

  /** Appends to both logs, one character a byte, and dates it. */
  write(time: number, { out = "", err = "" }: { out?: string; err?: string }): void {
    const { runDirectory } = this.source;
    for (const [stream, text] of [["stdout", out], ["stderr", err]] as const) {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      Deno.writeFileSync(logPath(runDirectory, stream), bytes, { append: true });
      this.sizes[stream] += bytes.length;
      this.written[stream] += text;
    }
    using timeline = TimelineWriter.open(runDirectory, time);
    timeline.note(time, this.sizes);
  }

  /** Drops what was written to stdout before `offset`; it then reads as NULs. */
  drop(offset: number): void {
    const { runDirectory } = this.source;
    writeDropped(runDirectory, { stdout: offset, stderr: 0, freezing: null });
    using file = Deno.openSync(logPath(runDirectory, "stdout"), { write: true });
    file.writeSync(new Uint8Array(offset));
  }
}

/** Calls `use` with a directory that is removed afterwards. */
export async function withDirectory<T>(use: (root: string) => T | Promise<T>): Promise<T> {
  const root = await Deno.makeTempDir();
  try {
    return await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
