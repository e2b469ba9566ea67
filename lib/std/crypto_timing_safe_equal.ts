/** Types for `@std/crypto/timing-safe-equal`; see `deno.json` and the README. */
import * as std from "deno-std/crypto/timing_safe_equal.js";

/** Compares bytes in a time that does not depend on where they differ. */
export const timingSafeEqual: (a: Uint8Array, b: Uint8Array) => boolean = std.timingSafeEqual;
