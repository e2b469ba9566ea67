/** What is typed while a process is shown reaches its program, as if that had the terminal. */
import { NEWLINE } from "../../logs/lines.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import { Keyboard } from "../terminal/keyboard.ts";
import { writeInput } from "../write_input.ts";
import type { HoldableWriter } from "./writer.ts";

/** What typed input depends on. */
export interface TypedInputOptions {
  /** Sends a piece in base64 to the run that is shown. */
  write: (piece: { data: string }) => Promise<unknown>;
  writer: HoldableWriter;
}

/** Hands on lines from the keyboard until it is disposed of; what could not be handed on is told. */
export function typedInput({ write, writer }: TypedInputOptions): Keyboard {
  return new Keyboard({
    take: async (bytes, signal) => {
      writer.typed(bytes.at(-1) !== NEWLINE);
      let told = false;
      const waiting = () => {
        if (!told) void writer.note("the program does not read what was typed; it waits");
        told = true;
      };
      try {
        await writeInput(bytes, { write, waiting, signal });
      } catch (error) {
        if (!(error instanceof PersistprocError)) throw error;
        await writer.note(`what was typed is lost: ${error.message}`);
      }
    },
    end: () => writer.note("its input never ends; Ctrl+C stops or leaves it"),
  });
}

/** Whether somebody types for the program: with output elsewhere, as into a pager, the keys are its. */
export function canType(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}
