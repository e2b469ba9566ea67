/** Types for `@std/streams/text-line-stream`; see `deno.json` and the README. */
import * as std from "deno-std/streams/text_line_stream.js";

/** Splits a stream of text into lines; `allowCR` also ends a line at a lone CR. */
export const TextLineStream: new (
  options?: { allowCR?: boolean },
) => TransformStream<string, string> = std.TextLineStream;
