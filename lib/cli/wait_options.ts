/** What can be waited for, as options. */
import { DEFAULT_WAIT_SECONDS } from "../protocol/wait.ts";
import type { OptionSpec } from "./options.ts";

const SPECS: readonly OptionSpec[] = [
  {
    name: "wait-pattern",
    kind: "expression",
    value: "REGEX",
    help: "wait for a line that matches",
  },
  {
    name: "wait-fail-pattern",
    kind: "expression",
    value: "REGEX",
    help: "wait, and fail at a line that matches",
  },
  {
    name: "wait-port",
    kind: "text",
    value: "N|any",
    help: "wait until it listens on this port, or on any",
    words: ["any"],
  },
  {
    name: "wait-http",
    kind: "text",
    value: "URL",
    help: "wait until this URL of this machine answers below 500",
  },
  {
    name: "wait-quiet",
    kind: "seconds",
    value: "SECONDS",
    help: "wait until it has written nothing for so long",
  },
  { name: "wait-exit", kind: "flag", help: "wait until it has ended" },
  {
    name: "wait-timeout",
    kind: "seconds",
    value: "SECONDS",
    help: "wait no longer than this",
    default: String(DEFAULT_WAIT_SECONDS),
  },
];

/** The options of every command that can wait. */
export const WAITS: readonly OptionSpec[] = SPECS.map((option) => ({
  ...option,
  explainedBy: "wait",
}));
