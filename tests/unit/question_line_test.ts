import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { questionLine } from "../../lib/cli/attach/question_line.ts";
import { textWidth } from "../../lib/cli/terminal/width.ts";

const VITE = { label: "npm run dev in /home/me/shop", pid: 4711 };

Deno.test("the question names the process where there is room", () => {
  const question = "s stop, d detach, Enter stay? ";
  assertEquals(questionLine(VITE, 80), `npm run dev (PID 4711): ${question}`);
  assertEquals(questionLine(VITE, 54), `npm run… (PID 4711): ${question}`);
  assertEquals(questionLine(VITE, 45), `PID 4711: ${question}`);
  assertEquals(questionLine({ ...VITE, pid: 1234567 }, 43), question);
  assertEquals(questionLine(VITE, 40), question);
  assertEquals(questionLine(VITE, 20), "s stop, d detach? ");
  assertEquals(questionLine(VITE, 1), "?");
});

Deno.test("the question takes one line of any terminal, whatever the label", () => {
  const label = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(label, fc.nat(), fc.integer({ min: 1, max: 200 }), (label, pid, columns) => {
      const line = questionLine({ label, pid }, columns);
      assert(line === "?" || textWidth(line) <= columns - 2, line);
      assert(line.includes("?") && !line.includes("\n"));
    }),
  );
});
