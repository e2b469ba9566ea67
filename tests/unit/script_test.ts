import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { findScript, quoteForSh, requireScript, scriptCommand } from "../../lib/system/script.ts";
import fc from "fast-check";

const SHELL = ["/bin/bash", "-p"];
const FILE = "/home/a b/it's/on-terminal";

Deno.test("script is told what to run in the form of its system", () => {
  assertEquals(scriptCommand({ path: "/usr/bin/script", form: "line" }, SHELL, FILE), [
    ...["/usr/bin/script", "-q", "-c"],
    `exec '/bin/bash' '-p' '/home/a b/it'\\''s/on-terminal'`,
    "/dev/null",
  ]);
  assertEquals(scriptCommand({ path: "/usr/bin/script", form: "words" }, SHELL, FILE), [
    ...["/usr/bin/script", "-q", "/dev/null"],
    ...["/bin/bash", "-p", "/home/a b/it's/on-terminal"],
  ]);
});

Deno.test("the first place with a script is taken, and the form goes by the system", async () => {
  const path = await Deno.makeTempFile();
  const places = ["/nowhere/script", path];
  assertEquals(findScript({ os: "linux", places }), { path, form: "line" });
  assertEquals(findScript({ os: "darwin", places }), { path, form: "words" });
  await Deno.remove(path);
  assertEquals(findScript({ os: "linux", places }), null);
});

Deno.test("without script, the error names the package of each distribution", () => {
  const { message, hint = "" } = assertThrows(() => requireScript(null), PersistprocError);
  assertEquals(
    message,
    "A program gets a terminal by the system's `script`, which is not installed.",
  );
  for (const name of ["bsdutils", "util-linux-script", "util-linux-misc"]) {
    assertStringIncludes(hint, name);
  }
});

Deno.test("whatever is in words, sh takes them as they are", async () => {
  const special = fc.constantFrom(..."'\"\\$`\n\t !*?~#-=;&|<>()[]{}aü\x01\x7f🎉");
  const words = fc.sample(fc.array(fc.string({ unit: special })), 200).flat();
  const line = `printf '%s\\0' ${quoteForSh(words)}`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", line] }).output();
  const seen = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
  assertEquals(seen.split("\0").slice(0, -1), words);
});
