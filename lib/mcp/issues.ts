/** What is wrong with parameters, in sentences instead of a schema library's prose. */
import type * as z from "zod/v4";
import { shorten } from "../protocol/shorten.ts";

type Issue = z.core.$ZodIssue;

const KINDS: Record<string, string> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** At most this many problems are told at once. */
const MAX_ISSUES = 3;

/** One sentence for each problem that the schema found in the input. */
export function describeIssues(issues: readonly Issue[], input: unknown): string {
  return issues.slice(0, MAX_ISSUES).map((issue) => describeIssue(issue, input)).join(" ");
}

function describeIssue(issue: Issue, input: unknown): string {
  const name = issue.path.length ? show(issue.path.join(".")) : "The input";
  switch (issue.code) {
    case "unrecognized_keys": {
      const keys = issue.keys.map((key) => show([...issue.path, key].join("."))).join(", ");
      return `Unknown parameter${issue.keys.length > 1 ? "s" : ""} ${keys}.`;
    }
    case "invalid_type":
      if (issue.path.length && valueAt(input, issue.path) === undefined) {
        return `${name} is required: it must be provided.`;
      }
      return `${name} must be ${KINDS[issue.expected] ?? issue.expected}.`;
    case "invalid_value": {
      const allowed = issue.values.map(String).join(", ");
      const given = valueAt(input, issue.path);
      if (given === undefined) return `${name} is required: one of ${allowed} must be provided.`;
      return `${name} must be one of ${allowed}, not ${show(given)}.`;
    }
    case "too_small":
      return `${name} must be at least ${issue.minimum}.`;
    case "too_big":
      return `${name} must be at most ${issue.maximum}.`;
    default:
      return `${name}: ${issue.message}.`;
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function show(value: unknown): string {
  return shorten(JSON.stringify(value) ?? String(value), 60);
}
