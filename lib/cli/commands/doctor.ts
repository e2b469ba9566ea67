/** `persistproc doctor`: what works here, what does not, and what to do about it. */
import { openWatch } from "../../logs/directory_watch.ts";
import { askProgram } from "../../system/ask.ts";
import { settingsOf } from "../context.ts";
import { checkAgents } from "../doctor/agents.ts";
import type { Check, Surroundings } from "../doctor/check.ts";
import { checkData } from "../doctor/data_directory.ts";
import { checkPrograms } from "../doctor/programs.ts";
import { checkServer } from "../doctor/server.ts";
import { checkStorage } from "../doctor/storage.ts";
import { formatChecks, worstState } from "../format/doctor.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import { terminalSize } from "../terminal/size.ts";

/** What is looked at, at the same time; the names are for what could not be looked at. */
const CHECKS: Record<string, (surroundings: Surroundings) => Check[] | Promise<Check[]>> = {
  "server": checkServer,
  "data directory": checkData,
  "file system": checkStorage,
  "programs": checkPrograms,
  "agents": checkAgents,
};

export default async function doctor(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const surroundings = { settings, ask: askProgram, openWatch, os: Deno.build.os };
  const checks = (await Promise.all(
    Object.entries(CHECKS).map(async ([name, look]) => {
      try {
        return await look(surroundings);
      } catch (error) {
        return [unseen(name, error)];
      }
    }),
  )).flat();
  const state = worstState(checks);
  await printAs(
    settings,
    { state, checks },
    ({ checks }) => formatChecks(checks, terminalSize().columns),
  );
  return state === "broken" ? 1 : 0;
}

/** The doctor is there for what nobody has thought of, too. */
function unseen(check: string, error: unknown): Check {
  const why = error instanceof Error ? error.message : String(error);
  return { check, state: "broken", finding: `It cannot be looked at: ${why}.`, advice: null };
}
