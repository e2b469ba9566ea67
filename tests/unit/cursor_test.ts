import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Cursor, formatCursor, parseCursor } from "../../lib/logs/cursor.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";

const position = fc.record({
  process: fc.stringMatching(/^[0-9a-f]{8}$/),
  run: fc.integer({ min: 1, max: 100_000 }),
  stdout: fc.maxSafeNat(),
  stderr: fc.maxSafeNat(),
});
const cursor = fc.record({ all: fc.boolean(), positions: fc.array(position, { maxLength: 20 }) });

Deno.test("a cursor is read as it was written", () => {
  fc.assert(
    fc.property(cursor, (cursor: Cursor) => {
      assertEquals(parseCursor(formatCursor(cursor)), cursor);
    }),
  );
});

Deno.test("a cursor costs a model few characters", () => {
  const positions = [{ process: "1f2e3d4c", run: 3, stdout: 123_456, stderr: 7_890 }];
  const text = formatCursor({ all: false, positions });
  assert(text.length <= 18, text);
});

Deno.test("a cursor that was mangled is refused, and never another place", () => {
  fc.assert(
    fc.property(cursor, fc.nat(), fc.constantFrom(..."AZaz09-_"), (cursor, at, character) => {
      const text = formatCursor(cursor);
      const index = at % text.length;
      const mangled = text.slice(0, index) + character + text.slice(index + 1);
      for (const other of [mangled, text.slice(1), text.slice(0, -1), `${text}A`]) {
        let read: Cursor | null = null;
        try {
          read = parseCursor(other);
        } catch (error) {
          assert(error instanceof PersistprocError);
        }
        // The last character may hold bits that mean nothing.
        if (read !== null) assertEquals(read, cursor);
      }
    }),
    { seed: 6 },
  );
  for (const garbage of ["", " ", "x", "not a cursor", "A".repeat(10_000), "🙂", "../etc"]) {
    const error = assertThrows(() => parseCursor(garbage), PersistprocError, "is not a cursor");
    assert(error.message.length < 120);
  }
});
