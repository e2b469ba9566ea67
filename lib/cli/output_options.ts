/** Which options of `output` go together. */
import { UsageError } from "./usage_error.ts";
import type { OptionValues } from "./values.ts";

/** What picks lines of what was printed already. */
const UNFOLLOWED = ["grep", "context", "cursor", "before-time"] as const;

/**
 * Checks the options of `output`, before anything is asked.
 *
 * @throws {UsageError} for those that contradict each other, or mean nothing alone.
 */
export function checkOutputOptions(options: OptionValues, format: "text" | "json"): void {
  if (options.flag("follow")) {
    if (format === "json") {
      throw new UsageError("--follow has no end, so it has no JSON form.", "persistproc output -f");
    }
    const bound = UNFOLLOWED.find((name) => options.has(name));
    if (bound) {
      throw new UsageError(
        `--follow shows all that comes, so it has no --${bound}.`,
        "persistproc output -f | grep PATTERN",
      );
    }
  }
  if ((options.number("context") ?? 0) > 0 && !options.has("grep")) {
    throw new UsageError(
      "--context needs --grep: lines around what?",
      `persistproc output --grep PATTERN --context ${options.number("context")}`,
    );
  }
}
