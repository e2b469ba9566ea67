/** `server.log`: what the server says of itself, in a file that does not grow without end. */
import { openPrivateFileSync, removeIfThereSync } from "../system/files.ts";
import { writeAllSync } from "../system/write_all.ts";
import { printableLines } from "../protocol/printable.ts";

/** Above this many bytes only the last half is kept. */
const MAX_BYTES = 1024 * 1024;

/** Appends dated lines to a file. Never throws: a full disk must not end the server. */
export class ServerLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  #lost = 0;

  constructor(path: string, options: { maxBytes?: number; now?: () => number } = {}) {
    this.#path = path;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#now = options.now ?? Date.now;
  }

  /** Writes one message, its further lines indented and its control characters shown. */
  write(message: string): void {
    const time = new Date(this.#now()).toISOString();
    const text = printableLines(message).replaceAll("\n", "\n  ");
    const before = this.#lost === 0
      ? ""
      : `${time} ${this.#lost} messages before this could not be written\n`;
    try {
      using file = openPrivateFileSync(this.#path, { append: true });
      writeAllSync(file, new TextEncoder().encode(`${before}${time} ${text}\n`));
      this.#lost = 0;
      if (file.statSync().size > this.#maxBytes) this.#halve();
    } catch {
      // Nobody can be told now.
      this.#lost++;
    }
  }

  #halve(): void {
    const text = Deno.readFileSync(this.#path);
    const half = text.subarray(-Math.floor(this.#maxBytes / 2));
    const lines = half.subarray(half.indexOf(0x0a) + 1);
    const draft = `${this.#path}.new`;
    // One that a crash has left, or a link.
    removeIfThereSync(draft);
    Deno.writeFileSync(draft, lines, { mode: 0o600, createNew: true });
    Deno.renameSync(draft, this.#path);
  }
}
