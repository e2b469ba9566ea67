/** A terminal that hands every key on and shows every byte as it is. */

import { setRawOutput } from "./write.ts";

/** Raw while entered. Whoever enters it leaves it, however it ends. */
export class RawMode {
  #entered = false;

  /** Makes the terminal raw; only in its foreground, or this program would be stopped (SIGTTOU). */
  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    Deno.stdin.setRaw(true);
    // What Deno calls raw still turns line feeds into new lines, which moves the cursor of whoever
    // has asked its own terminal not to.
    new Deno.Command("stty", {
      args: ["-opost"],
      stdin: "inherit",
      stdout: "null",
      stderr: "null",
    }).outputSync();
    setRawOutput(true);
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    setRawOutput(false);
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone: nothing is left to restore.
    }
  }
}
