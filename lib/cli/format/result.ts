/** How every result reaches stdout: as text, or as one JSON document. */
import { printableJson } from "../../protocol/printable.ts";
import type { Settings } from "../settings.ts";
import { printResult } from "../terminal/write.ts";

/** Writes a result in the format that was asked for; without a text it is JSON in any case. */
export function printAs<Result>(
  settings: Pick<Settings, "format">,
  result: Result,
  text?: (result: Result) => string,
): Promise<void> {
  return printResult(
    settings.format === "json" || !text ? `${printableJson(result, 2)}\n` : text(result),
  );
}
