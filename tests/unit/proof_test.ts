import { assertEquals, assertNotEquals } from "@std/assert";
import { proveToken } from "../../lib/protocol/proof.ts";

Deno.test("the proof is HMAC-SHA-256, as RFC 4231 gives it", async () => {
  assertEquals(
    await proveToken("Jefe", "what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("another token or another nonce gives another proof", async () => {
  const proof = await proveToken("token", "nonce");
  assertNotEquals(await proveToken("token2", "nonce"), proof);
  assertNotEquals(await proveToken("token", "nonce2"), proof);
  assertEquals(await proveToken("token", "nonce"), proof);
});
