/** The shells that keep programs, and how exactly they tell their ends. */
import { assertEquals } from "@std/assert";
import { Bench, readBytes, type StartOptions } from "./supervisor.ts";

/** A variable that each shell passes on, and that makes it the keeper's. */
export const KEEPERS: Record<string, Record<string, string>> = {
  dash: {},
  bash: { "odd-name": "1" },
};

/** How a script of sh ends: its code or its signal. */
export type End = [script: string, code: number | null, signal: string | null];

/** Fails unless each of the scripts, which say nothing, is told to end so. */
export async function assertEnds(
  ends: readonly End[],
  odd: Record<string, string>,
  options: StartOptions = {},
): Promise<void> {
  await using bench = await Bench.create();
  const callerEnvironment = { ...bench.environment, ...odd };
  for (const [script, code, signal] of ends) {
    const end = await bench.ended(await bench.sh(script, { ...options, callerEnvironment }));
    assertEquals([end.status, end.exit_code, end.signal], ["exited", code, signal], script);
    assertEquals(await readBytes(end.log_stderr), "", script);
    assertEquals(await readBytes(end.log_stdout), "", script);
  }
}
