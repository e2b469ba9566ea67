/** What tools return. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { describeError, PersistprocError } from "../../protocol/errors.ts";
import { printableJson } from "../../protocol/printable.ts";

/** Facts: as structured content, and the same JSON as text for clients that show only that. */
export function facts(value: object): CallToolResult {
  return {
    content: [{ type: "text", text: printableJson(value) }],
    structuredContent: { ...value },
  };
}

/** Text alone: as JSON, logs would cost several times the tokens. */
export function text(value: string): CallToolResult {
  return { content: [{ type: "text", text: value }] };
}

/** A failed call: what is wrong, the candidates, what to do. A bug goes to the log, not here. */
export function failure(error: unknown, log: (message: string) => void): CallToolResult {
  if (error instanceof PersistprocError) return { ...text(describeError(error)), isError: true };
  log(`internal error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  return {
    ...text(
      "persistproc failed on this call; why is in its log, which `list` with pid 0 names.",
    ),
    isError: true,
  };
}
