import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { checkCommand } from "../../lib/system/programs.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";

async function inTempDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "persistproc-test-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function executable(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, 0o755);
  return path;
}

/** The error that a command gets, which has to hold these words and say what to do. */
async function refused(
  command: string[],
  words: string[],
  options: { directory: string; environment?: Record<string, string> },
): Promise<PersistprocError> {
  const environment = options.environment ?? { PATH };
  const check = () => checkCommand(command, environment, options.directory);
  const error = await assertRejects(check, PersistprocError);
  for (const word of words) assert(error.message.includes(word), `"${word}" in ${error.message}`);
  return error;
}

Deno.test("programs are found by path, in PATH, and relative to the directory", async () => {
  await inTempDirectory(async (directory) => {
    await Deno.mkdir(join(directory, "bin"));
    await executable(join(directory, "bin", "tool"), "#!/bin/sh\n");
    await checkCommand(["/bin/sh"], {}, directory);
    await checkCommand(["sh"], { PATH }, directory);
    await checkCommand(["sh"], {}, directory);
    await checkCommand(["./bin/tool"], { PATH }, directory);
    await checkCommand(["bin/tool"], { PATH }, directory);
    await checkCommand(["tool"], { PATH: `/nowhere:${directory}/bin` }, directory);
    await checkCommand(["tool"], { PATH: "bin" }, directory);
    await checkCommand(["bin/tool"], { PATH: "" }, directory);
  });
});

Deno.test("a program that does not exist is named", async () => {
  await inTempDirectory(async (directory) => {
    const options = { directory };
    await refused(["no-such-tool"], ["Command not found", "no-such-tool", "PATH"], options);
    await refused(["./none"], ["Command not found", `${directory}/none`], options);
    const other = { directory, environment: { PATH: "/nowhere" } };
    await refused(["sh"], ["Command not found", "sh"], other);
  });
});

Deno.test("what may not be executed is told from what is not there", async () => {
  await inTempDirectory(async (directory) => {
    await Deno.writeTextFile(join(directory, "text"), "hello", { mode: 0o644 });
    await Deno.mkdir(join(directory, "folder"));
    const error = await refused(["./text"], ["Permission denied", "not executable"], { directory });
    assert(error.hint?.includes("chmod +x"));
    await refused(["./folder"], ["is a directory"], { directory });
    const environment = { PATH: directory };
    await refused(["text"], ["Permission denied"], { directory, environment });
  });
});

Deno.test("an executable later in PATH wins over a file before it that is none", async () => {
  await inTempDirectory(async (directory) => {
    await Deno.writeTextFile(join(directory, "sh"), "no", { mode: 0o644 });
    await checkCommand(["sh"], { PATH: `${directory}:${PATH}` }, directory);
  });
});

Deno.test("a script whose interpreter cannot run it is told before the start", async () => {
  await inTempDirectory(async (directory) => {
    const script = async (line: string) => {
      await executable(join(directory, "script"), line);
      return ["./script"];
    };
    const options = { directory };
    await refused(
      await script("#!/no/such/sh -e\nx\n"),
      ["/no/such/sh", "does not exist"],
      options,
    );
    await refused(await script("#!/bin/sh\r\nx\r\n"), ["carriage return"], options);
    await refused(await script("#!/usr/bin/env node\r\n"), ["carriage return"], options);
    await refused(await script(`#!${directory}\n`), ["is a directory"], options);
    await checkCommand(await script("#! /bin/sh -e\n"), { PATH }, directory);
    await checkCommand(await script("#!/bin/sh"), { PATH }, directory);
    await checkCommand(await script("echo no line of an interpreter"), { PATH }, directory);
    await checkCommand(await script(""), { PATH }, directory);
  });
});

Deno.test("arguments that no program can be given are named", async () => {
  await inTempDirectory(async (directory) => {
    const options = { directory };
    const kib = (n: number) => "x".repeat(n * 1024);
    await refused(["sh", "a", kib(200)], ["Argument 2", "KiB", "128"], options);
    await refused(["sh", "ü".repeat(70 * 1024)], ["Argument 1"], options);
    await refused(["sh", "a\0b"], ["Argument 1", "NUL"], options);
    await refused(["s\0h"], ["The program", "NUL"], options);
    await refused(["sh"], ["BIG", "KiB"], { directory, environment: { PATH, BIG: kib(200) } });
    await refused(["sh", ...Array.from({ length: 30 }, () => kib(100))], ["together"], options);
    await checkCommand(["sh", kib(127)], { PATH }, directory);
  });
});

Deno.test("an environment that no program can be given is refused", async () => {
  await inTempDirectory(async (directory) => {
    for (const [name, value] of [["", "x"], ["A=B", "x"], ["A", "x\0"], ["A\0", "x"]] as const) {
      const environment = { PATH, [name]: value };
      await refused(["sh"], ["environment variable"], { directory, environment });
    }
  });
});

Deno.test("an empty command is refused", async () => {
  await inTempDirectory(async (directory) => {
    for (const command of [[], [""], [" "]]) await refused(command, ["empty"], { directory });
  });
});

Deno.test("a directory that is none is refused", async () => {
  await inTempDirectory(async (directory) => {
    await Deno.writeTextFile(join(directory, "file"), "");
    const missing = { directory: join(directory, "none") };
    await refused(["sh"], ["does not exist", missing.directory], missing);
    const file = { directory: join(directory, "file") };
    const error = await refused(["sh"], ["is not a directory", file.directory], file);
    assertEquals(error.code, "spawn_failed");
  });
});
