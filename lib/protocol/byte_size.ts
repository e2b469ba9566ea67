/** Amounts of bytes as users write and read them. */

const UNITS: Record<string, number> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Reads whole bytes, or an amount with K, M or G (powers of 1024), such as `64M`; else null. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,15})([KMG]?)(?:i?B)?$/i.exec(text.trim());
  if (!match) return null;
  const bytes = Number(match[1]) * (UNITS[match[2]?.toUpperCase() ?? ""] ?? NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** An amount for people: `17 bytes`, `64 MiB`, `1.5 GiB`. */
export function describeBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  let amount = bytes;
  let unit = "";
  for (unit of ["KiB", "MiB", "GiB", "TiB"]) {
    amount /= 1024;
    if (amount < 1024) break;
  }
  return `${amount.toFixed(1).replace(/\.0$/, "")} ${unit}`;
}
