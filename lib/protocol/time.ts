/** Points in time as users write them. */
import { PersistprocError } from "./errors.ts";

const UNIT_MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A thousand years: what is longer is a slip of the finger. */
const LONGEST_AGO = 1_000 * 365 * 86_400_000;

const ISO =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s*(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Reads ISO 8601 (UTC when it names no zone) or a time ago such as `5m`, `90s`, `1h30m`.
 *
 * @param now Milliseconds since the epoch, which relative times count back from.
 * @returns Milliseconds since the epoch.
 * @throws {PersistprocError} when it is neither.
 */
export function parseTime(text: string, now: number): number {
  const trimmed = text.trim();
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) {
    let ago = 0;
    for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
      ago += Number(amount) * (UNIT_MILLISECONDS[unit ?? ""] ?? 0);
    }
    if (ago < LONGEST_AGO) return now - ago;
  }
  const iso = ISO.exec(trimmed);
  if (iso) {
    const normal = trimmed.replace(" ", "T").replace(",", ".").replace(/\s+/g, "");
    const time = Date.parse(
      iso[1] || !normal.includes("T") ? normal.toUpperCase() : `${normal}Z`,
    );
    // Date.parse takes 30 February for 2 March.
    const day = Date.parse(`${normal.slice(0, 10)}T00:00:00Z`);
    const exists = new Date(day || 0).toISOString().slice(0, 10) === normal.slice(0, 10);
    if (!Number.isNaN(time) && exists) return time;
  }
  throw new PersistprocError("invalid_request", `"${text.slice(0, 80)}" is not a time.`, {
    hint: "Give ISO 8601 such as 2026-01-31T14:05:00Z, or a time ago such as 90s, 5m or 2h.",
  });
}
