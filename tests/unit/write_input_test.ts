/** Handing input on: who does not take it just now is told apart, and nothing is lost. */
import { assertEquals } from "@std/assert";
import { writeInput } from "../../lib/cli/write_input.ts";
import { type ErrorCode, PersistprocError } from "../../lib/protocol/errors.ts";

for (
  const { code, who, notes } of [
    { code: "input_full", who: "a program that does not read", notes: 1 },
    { code: "limit_reached", who: "a server that has too much to do", notes: 0 },
  ] satisfies { code: ErrorCode; who: string; notes: number }[]
) {
  Deno.test(`${who} is tried again, with ${notes === 0 ? "no note" : "a note"}`, async () => {
    let [tries, told] = [0, 0];
    const taken: string[] = [];
    await writeInput(new TextEncoder().encode("hello"), {
      write({ data }) {
        if (tries++ === 0) throw new PersistprocError(code, "Not now.");
        taken.push(atob(data));
        return Promise.resolve();
      },
      waiting: () => void told++,
    });
    assertEquals([taken, told], [["hello"], notes]);
  });
}
