import { assertEquals } from "@std/assert";
import { systemSignals } from "../../lib/system/signals.ts";
import { signalName, signalNumber } from "../../lib/system/signal_names.ts";
import { until } from "../support/until.ts";

const NOBODY = 2 ** 22 + 1;

Deno.test("signalling nobody is an answer, not an exception", () => {
  assertEquals(systemSignals.exists(NOBODY), false);
  assertEquals(systemSignals.groupExists(NOBODY), false);
  assertEquals(systemSignals.group(NOBODY, "SIGTERM"), false);
  assertEquals(systemSignals.process(NOBODY, "SIGTERM"), false);
});

Deno.test("a group exists as long as one of its members does", async () => {
  const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null", detached: true })
    .spawn();
  await until(() => systemSignals.groupExists(child.pid), { what: "the group of the child" });
  assertEquals(systemSignals.exists(child.pid), true);
  assertEquals(systemSignals.group(child.pid, "SIGKILL"), true);
  assertEquals((await child.status).signal, "SIGKILL");
  assertEquals(systemSignals.exists(child.pid), false);
  assertEquals(systemSignals.groupExists(child.pid), false);
});

Deno.test("every signal has one name and one number", () => {
  const names = Array.from({ length: 64 }, (_, i) => signalName(i + 1));
  assertEquals(names.includes(null), false);
  assertEquals(new Set(names).size, 64);
  assertEquals(names.map((name) => signalNumber(name ?? "")), names.map((_, i) => i + 1));
  assertEquals([signalName(9), signalName(11), signalName(15)], ["SIGKILL", "SIGSEGV", "SIGTERM"]);
  assertEquals([signalName(0), signalName(65), signalNumber("SIGNONE")], [null, null, null]);
});
