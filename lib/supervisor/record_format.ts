/** Reading a `process.json`: whatever is not exactly a record is damage, and said to be. */
import type { ProcessRecord } from "./record.ts";

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isBoolean: Check = (value) => typeof value === "boolean";
const oneOf = (...values: unknown[]): Check => (value) => values.includes(value);
const orAbsent = (check: Check): Check => (value) => value === undefined || check(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const listOf = (check: Check): Check => (value) =>
  Array.isArray(value) && value.length > 0 && value.every(check);

function record(fields: Record<string, Check>): Check {
  return (value) =>
    typeof value === "object" && value !== null &&
    Object.entries(fields).every(([name, check]) =>
      check((value as Record<string, unknown>)[name])
    );
}

const isTime: Check = (value) => isNumber(value) && Math.abs(value as number) < 8.64e15;
const isNames: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  Object.values(value).every(isString);
const isStdin: Check = (value) =>
  record({ kind: oneOf("open", "null") })(value) ||
  record({ kind: oneOf("file"), path: isString })(value);

const isRun = record({
  number: isNumber,
  pid: orNull(isNumber),
  group: orNull(isNumber),
  terminal: orAbsent(isNumber),
  kernel_started: isString,
  boot: isString,
  status: oneOf("running", "stopping", "exited", "failed"),
  reason: isString,
  started_at: isTime,
  started_by: isString,
  ended_at: orNull(isTime),
  exit_code: orNull(isNumber),
  signal: orNull(isString),
  stop: orNull(record({
    by: isString,
    at: isTime,
    killed_at: orNull(isTime),
    restarting: isBoolean,
  })),
});

const isRecord = record({
  format: oneOf(1),
  id: isString,
  label: isString,
  label_given: isBoolean,
  command: listOf(isString),
  written: orNull(isString),
  working_directory: isString,
  environment: isNames,
  added_environment: (value) => value === undefined || isNames(value),
  environment_source: oneOf("caller", "last_start", "server"),
  person_environment: orNull(isNames),
  stdin: isStdin,
  pty: orAbsent(record({ columns: isNumber, rows: isNumber })),
  restarts: isNumber,
  runs: listOf(isRun),
});

/** The parser's own message would quote the text, and with it the environment. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
}

/**
 * The record that a text holds.
 *
 * @param id The name of its directory, which has to be its id.
 * @throws {Error} when it holds none.
 */
export function parseRecord(text: string, id: string): ProcessRecord {
  const value = parseJson(text);
  if (!isRecord(value) || (value as ProcessRecord).id !== id) {
    throw new Error("it is not a record of this format");
  }
  return value as ProcessRecord;
}
