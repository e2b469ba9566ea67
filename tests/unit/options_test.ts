/** What names an option. */
import { assertEquals } from "@std/assert";
import { COMMON, optionNamed } from "../../lib/cli/options.ts";

Deno.test("an option is named by its long name, or by its letter if it has one", () => {
  const named = ["--quiet", "-q", "--port", "-p", "-undefined", "port"]
    .map((word) => optionNamed(word, COMMON)?.name);
  assertEquals(named, ["quiet", "quiet", "port", undefined, undefined, undefined]);
});
