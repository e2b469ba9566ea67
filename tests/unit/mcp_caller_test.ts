import { assertEquals } from "@std/assert";
import { callerName } from "../../lib/mcp/caller.ts";

function name(clientInfo: unknown, headers: Record<string, string> = {}): string {
  return callerName(clientInfo, new Headers(headers));
}

Deno.test("an agent is called what it calls itself, else what the bridge says, else its product", () => {
  const bridge = { "x-persistproc-client": "codex" };
  const agent = { "user-agent": "claude-code/2.1.330 (cli)" };
  assertEquals(name({ name: "cursor" }, { ...bridge, ...agent }), "cursor");
  assertEquals(name(undefined, { ...bridge, ...agent }), "codex");
  assertEquals(name(undefined, agent), "claude-code");
  assertEquals(name({ name: 7 }), "agent");
  assertEquals(name(null), "agent");
});

Deno.test("an HTTP library is no agent's name, and only people are the terminal", () => {
  for (const product of ["node", "undici", "Deno/2.9.4", "Bun/1.2"]) {
    assertEquals(name(undefined, { "user-agent": product }), "agent");
  }
  assertEquals(name({ name: "terminal" }), "agent");
  assertEquals(name({ name: " term\u0000inal " }), "agent");
});

Deno.test("a name cannot steer a terminal or fill it", () => {
  assertEquals(name({ name: "a\x1b[31m\r\nb\u202ec" }), "a[31mbc");
  assertEquals(name({ name: "x".repeat(1_000) }).length, 64);
  assertEquals([...name({ name: "😀".repeat(100) })].length, 64);
});
