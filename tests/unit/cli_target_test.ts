/** What a command line is about: a program, a process, a server. */
import { assertEquals, assertThrows } from "@std/assert";
import { readSettings } from "../../lib/cli/settings.ts";
import { processTarget, programTarget } from "../../lib/cli/target.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { understand } from "../support/parsed.ts";

Deno.test("K9 K10 K21 one word with a space is a command line", () => {
  for (const word of ["echo 'hello world'", "npm run dev", "sleep 10", "a && b"]) {
    assertEquals(programTarget([word]), { command_or_label: word });
  }
  assertEquals(programTarget(["echo a", "b"]), { command: ["echo a", "b"] });
  assertEquals(programTarget(["npm"]), { command: ["npm"] });
});

Deno.test("F41 one word with a space that is a file is a program", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/a program`;
    await Deno.writeTextFile(path, "");
    assertEquals(programTarget([path]), { command: [path] });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("F42 unbalanced quotes are a usage error", () => {
  assertThrows(() => programTarget(["echo 'abc"]), UsageError, "quote");
});

Deno.test("K31 targets are PIDs, labels and commands", () => {
  const target = (...argv: string[]) => processTarget(understand(argv));
  assertEquals(target("stop", "123"), { pid: 123 });
  assertEquals(target("stop", "my-app-label"), { command_or_label: "my-app-label" });
  assertEquals(target("stop", "sleep", "10"), { command: ["sleep", "10"] });
  assertEquals(target("restart", "python", "--", "-m", "http.server"), {
    command: ["python", "-m", "http.server"],
  });
  assertEquals(target("stop", "--label", "123"), { label: "123" });
  assertEquals(target("output"), {});
  assertThrows(() => target("stop"), UsageError, "needs a PID, a label or a command");
  assertThrows(() => target("stop", "123", "--force"), UsageError, "--force");
});

Deno.test("K36 the environment gives defaults, options win", () => {
  const environment = {
    HOME: "/home/me",
    PERSISTPROC_PORT: "1111",
    PERSISTPROC_DATA_DIR: "~/data",
    PERSISTPROC_FORMAT: "json",
  };
  const settings = (argv: string[], env: Record<string, string> = environment) => {
    const { port, dataDirectory, format, verbosity } = readSettings(
      understand(argv).options,
      env,
      "/here",
    );
    return { port, dataDirectory, format, verbosity };
  };
  assertEquals(settings(["list", "-v"]), {
    port: 1111,
    dataDirectory: "/home/me/data",
    format: "json",
    verbosity: 1,
  });
  assertEquals(settings(["list", "-q", "--port", "2", "--data-dir", "d", "--format", "text"]), {
    port: 2,
    dataDirectory: "/here/d",
    format: "text",
    verbosity: -1,
  });
  const port = (value: string) => settings(["list"], { ...environment, PERSISTPROC_PORT: value });
  assertEquals(port("web").port, 8947);
  assertEquals(port("").port, 8947);
});
