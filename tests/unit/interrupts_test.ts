/** Ctrl+C in a view, pressed more often than it needs to be. */
import { assertEquals } from "@std/assert";
import { Interrupts } from "../../lib/cli/attach/interrupts.ts";
import { HoldableWriter } from "../../lib/cli/attach/writer.ts";

class Notes extends HoldableWriter {
  readonly said: string[] = [];

  override note(message: string): Promise<void> {
    this.said.push(message);
    return Promise.resolve();
  }
}

Deno.test("however often Ctrl+C is pressed, a program is killed once", async () => {
  const writer = new Notes();
  const stops: boolean[] = [];
  const ended = Promise.withResolvers<boolean>();
  using interrupts = new Interrupts({
    onExit: "stop",
    process: () => ({ label: "web", pid: 1 }),
    stop: (force) => {
      stops.push(force);
      return ended.promise;
    },
    writer,
    key: "Ctrl+C",
    keyboard: null,
  });
  const presses = Array.from({ length: 5 }, () => interrupts.interrupt());
  ended.resolve(true);
  await Promise.all(presses);
  assertEquals(stops, [false, true]);
  assertEquals(writer.said, ["stopping web (PID 1); Ctrl+C again kills it", "killing it"]);
});

Deno.test("what could be neither stopped nor killed is left, with 1", async () => {
  using interrupts = new Interrupts({
    onExit: "stop",
    process: () => ({ label: "web", pid: 1 }),
    stop: () => Promise.resolve(false),
    writer: new Notes(),
    key: "Ctrl+C",
    keyboard: null,
  });
  await Promise.all([interrupts.interrupt(), interrupts.interrupt()]);
  assertEquals(await interrupts.left, 1);
});

Deno.test("whoever presses Ctrl+C while a kill is not answered leaves, with 1", async () => {
  const writer = new Notes();
  let now = 0;
  using interrupts = new Interrupts({
    onExit: "stop",
    process: () => ({ label: "web", pid: 1 }),
    stop: () => new Promise(() => {}),
    writer,
    key: "Ctrl+C",
    keyboard: null,
    now: () => now,
  });
  for (const time of [0, 10, 20, 900, 1_100]) {
    now = time;
    void interrupts.interrupt();
  }
  assertEquals(await interrupts.left, 1);
  assertEquals(writer.said.slice(1), [
    "killing it",
    "no answer; whether web (PID 1) still runs: persistproc list",
  ]);
});
