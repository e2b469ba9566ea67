/** Records of processes and runs, for tests that need them without any process. */
import type { ProcessRecord, RunRecord } from "../../lib/supervisor/record.ts";
import { firstRunState } from "../../lib/supervisor/run_state.ts";

/** A run, running unless the facts say otherwise. */
export function runRecord(facts: Partial<RunRecord>): RunRecord {
  return {
    ...firstRunState({ at: 1_000, by: "terminal" }),
    number: 1,
    pid: 100,
    group: 99,
    kernel_started: "5000",
    boot: "boot",
    ...facts,
  };
}

/** A process, with one run unless the facts say otherwise. */
export function processRecord(facts: Partial<ProcessRecord>): ProcessRecord {
  return {
    format: 1,
    id: crypto.randomUUID().slice(0, 8),
    label: "npm run dev in /work",
    label_given: false,
    command: ["npm", "run", "dev"],
    written: null,
    working_directory: "/work",
    environment: {},
    environment_source: "caller",
    person_environment: null,
    stdin: { kind: "open" },
    restarts: 0,
    runs: [runRecord({})],
    ...facts,
  };
}
