import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_LINE_BYTES, readLine } from "../../lib/logs/line_bytes.ts";
import { linesBackward, linesForward, lineStartFrom } from "../../lib/logs/lines.ts";
import { BLOCK_BYTES, LogFile } from "../../lib/logs/log_file.ts";

function withLog<T>(content: Uint8Array | string, use: (log: LogFile) => T): T {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytesOf(content));
    using log = LogFile.open(path);
    return use(log);
  } finally {
    Deno.removeSync(path);
  }
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

/** The oracle: splits the whole file. */
function naive(content: string, from = 0): { start: number; end: number; terminated: boolean }[] {
  const lines = [];
  for (let start = from; start < content.length;) {
    const newline = content.indexOf("\n", start);
    const end = newline < 0 ? content.length : newline;
    lines.push({ start, end, terminated: newline >= 0 });
    start = end + 1;
  }
  return lines;
}

/** Text whose lines are short, empty, or just around the size of one or several blocks. */
const content = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.nat(30) },
    { weight: 1, arbitrary: fc.integer({ min: BLOCK_BYTES - 3, max: BLOCK_BYTES + 3 }) },
    { weight: 1, arbitrary: fc.nat(3 * BLOCK_BYTES) },
  ),
  { maxLength: 12 },
).chain((lengths) =>
  fc.boolean().map((terminated) => {
    const text = lengths.map((length) => "x".repeat(length) + "\n").join("");
    return terminated ? text : text.slice(0, -1);
  })
);

Deno.test("lines are found from both ends as splitting the whole log finds them", () => {
  fc.assert(
    fc.property(content, (text) => {
      withLog(text, (log) => {
        assertEquals([...linesForward(log)], naive(text));
        assertEquals([...linesBackward(log)], naive(text).reverse());
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("lines are found from any line's beginning on, and before it", () => {
  fc.assert(
    fc.property(content, fc.nat(), (text, seed) => {
      withLog(text, (log) => {
        const lines = naive(text);
        const at = lines[seed % Math.max(lines.length, 1)]?.start ?? 0;
        assertEquals([...linesForward(log, at)], naive(text, at));
        assertEquals(
          [...linesBackward(log, at)],
          lines.filter(({ start }) => start < at).reverse(),
        );
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("the first line from an offset on is the next beginning of a line", () => {
  fc.assert(
    fc.property(content, fc.nat(), (text, seed) => {
      const offset = seed % (text.length + 2);
      withLog(text, (log) => {
        const next = naive(text).find(({ start }) => start >= offset)?.start ?? text.length;
        assertEquals(lineStartFrom(log, offset), next);
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("F112 the last lines are found without reading what is before them", () => {
  let read = 0;
  withLog("x".repeat(20).concat("\n").repeat(200_000), (log) => {
    const counting = {
      size: log.size,
      read: (offset: number, into: Uint8Array<ArrayBuffer>) => {
        read += into.length;
        return log.read(offset, into);
      },
    } as LogFile;
    const lines = linesBackward(counting);
    for (let line = 0; line < 100; line++) lines.next();
  });
  assertEquals(read <= BLOCK_BYTES, true, `${read} bytes read`);
});

Deno.test("K71 a log that does not exist is empty", () => {
  using log = LogFile.open("/nonexistent/stdout.log");
  assertEquals([log.size, [...linesBackward(log)], [...linesForward(log)]], [0, [], []]);
});

Deno.test("of a long line its beginning is kept, and how much more there is is known", () => {
  const text = "ä".repeat(MAX_LINE_BYTES);
  withLog(`first\nx${text}\n`, (log) => {
    const [line] = [...linesBackward(log)];
    const { bytes, cutBefore, cutAfter } = readLine(log, line!);
    // The limit falls into the middle of a character.
    assertEquals(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes).length,
      MAX_LINE_BYTES / 2,
    );
    assertEquals([cutBefore, bytes.length + cutAfter], [0, 1 + text.length * 2]);
  });
});

Deno.test("of a long line that was written over and over its last state is kept", () => {
  const states = Array.from({ length: 20_000 }, (_, n) => `downloaded ${n}`).join("\r");
  withLog(`${states}\r\n`, (log) => {
    const { bytes, cutBefore, cutAfter } = readLine(log, [...linesBackward(log)][0]!);
    assertEquals(new TextDecoder().decode(bytes).endsWith("\rdownloaded 19999\r"), true);
    assertEquals([cutBefore + bytes.length, cutAfter], [states.length + 1, 0]);
  });
});

Deno.test("a line of 10 MB is one line, of which no more than the limit is held", () => {
  withLog(new Uint8Array(10_000_000).fill(120), (log) => {
    const lines = [...linesBackward(log)];
    assertEquals(lines, [{ start: 0, end: 10_000_000, terminated: false }]);
    assertEquals(readLine(log, lines[0]!).bytes.length, MAX_LINE_BYTES);
  });
});
