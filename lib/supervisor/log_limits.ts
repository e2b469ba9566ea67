/** How much is kept of the logs, as the environment of the server says. */
import type { LogLimits } from "../logs/retention.ts";
import { parseByteSize } from "../protocol/byte_size.ts";
import { PersistprocError } from "../protocol/errors.ts";
import { DEFAULT_LOG_LIMIT, MIN_LOG_LIMIT, TOTAL_LOG_LIMIT } from "../protocol/limits.ts";

/**
 * Reads `PERSISTPROC_LOG_LIMIT`.
 *
 * @throws {PersistprocError} `invalid_request` when it is no size, or too small a one.
 */
export function readLogLimits(environment: Readonly<Record<string, string>>): LogLimits {
  const text = environment["PERSISTPROC_LOG_LIMIT"];
  const limits = { stream: DEFAULT_LOG_LIMIT, total: TOTAL_LOG_LIMIT };
  if (text === undefined || text === "") return limits;
  const stream = parseByteSize(text);
  if (stream !== null && stream >= MIN_LOG_LIMIT) return { ...limits, stream };
  throw new PersistprocError(
    "invalid_request",
    `PERSISTPROC_LOG_LIMIT must be a size from 64K on, such as 64M or 1G, not "${
      text.slice(0, 40)
    }".`,
    { hint: "Correct the variable, or unset it for 64M." },
  );
}
