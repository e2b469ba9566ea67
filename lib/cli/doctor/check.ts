/** What the doctor finds. */
import type { OpenWatch } from "../../logs/directory_watch.ts";
import type { AskProgram } from "../../system/ask.ts";
import type { Settings } from "../settings.ts";

/** How bad it is: a warning costs something, what is broken stops something from working. */
export type CheckState = "ok" | "warning" | "broken";

/** One thing that was looked at. */
export interface Check {
  /** What was looked at. */
  check: string;
  state: CheckState;
  /** What was found. */
  finding: string;
  /** What to do about it; null where there is nothing to do. */
  advice: string | null;
}

/** Where the doctor looks. */
export interface Surroundings {
  settings: Settings;
  ask: AskProgram;
  openWatch: OpenWatch;
  os: typeof Deno.build.os;
}

/** A check with nothing to do about it. */
export function fine(check: string, finding: string): Check {
  return { check, state: "ok", finding, advice: null };
}
