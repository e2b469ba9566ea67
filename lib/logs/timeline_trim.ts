/** What a timeline can do without: records of bytes that are gone, and some of many old ones. */
import type { LogSizes } from "./run_files.ts";
import { decodeRecord, RECORD_BYTES } from "./timeline.ts";

/**
 * The records of a timeline without those that date only bytes that are not kept any more. The
 * first, which says when the run began, and the last always stay.
 */
export function withoutDropped(
  records: Uint8Array<ArrayBuffer>,
  dropped: LogSizes,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(records.buffer, records.byteOffset);
  const last = records.length / RECORD_BYTES - 1;
  let [stdout, stderr] = [0, 0];
  return select(records, (index) => {
    const now = decodeRecord(view, index * RECORD_BYTES);
    const dates = (now.stdout > stdout && now.stdout > dropped.stdout) ||
      (now.stderr > stderr && now.stderr > dropped.stderr);
    ({ stdout, stderr } = now);
    return dates || index === 0 || index === last;
  });
}

/**
 * The records with every second one of the older half left out: what came with one of those is dated
 * by the next one, a little later than it came.
 */
export function thinned(records: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const half = records.length / RECORD_BYTES / 2;
  return select(records, (index) => index === 0 || index > half || index % 2 === 0);
}

function select(
  records: Uint8Array<ArrayBuffer>,
  stays: (index: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const kept = new Uint8Array(records.length);
  let length = 0;
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    if (!stays(at / RECORD_BYTES)) continue;
    kept.set(records.subarray(at, at + RECORD_BYTES), length);
    length += RECORD_BYTES;
  }
  return kept.slice(0, length);
}
