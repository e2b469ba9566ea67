/**
 * Whether a program can be started, told before it is tried: a shell would only say 126 or 127.
 * What cannot be seen from outside (a file system mounted noexec, say) the keeper reports.
 */
import { isAbsolute, join } from "@std/path";
import { PersistprocError } from "../protocol/errors.ts";
import { shorten } from "../protocol/shorten.ts";

/** One argument, or one `NAME=value`, with its NUL: MAX_ARG_STRLEN, execve(2). */
const MAX_ARGUMENT_BYTES = 128 * 1024;

/** Arguments and environment together: a quarter of the usual stack limit, execve(2). */
const MAX_TOTAL_BYTES = 2 * 1024 * 1024 - 64 * 1024;

/** PATH of an environment without one (the usual `_PATH_DEFPATH`). */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

const INTERPRETER_LINE_BYTES = 256;

/** Characters of a name that nothing has: only what exists is of a bounded length. */
const LONGEST_NAME = 1_000;

/**
 * Checks that a command can be executed in a directory with an environment.
 *
 * @throws {PersistprocError} `spawn_failed` or `invalid_request`, saying what is in the way.
 */
export async function checkCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  workingDirectory: string,
): Promise<void> {
  checkSizes(command, environment);
  await checkDirectory(workingDirectory);
  const program = command[0] ?? "";
  const path = await findProgram(program, environment["PATH"] ?? DEFAULT_PATH, workingDirectory);
  await checkInterpreter(program, path);
}

function checkSizes(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): void {
  if ((command[0] ?? "").trim() === "") {
    throw new PersistprocError("invalid_request", "The command is empty.", {
      hint: "Name a program, and its arguments after it.",
    });
  }
  const badName = Object.keys(environment).find((name) => name === "" || name.includes("="));
  if (badName !== undefined) {
    throw new PersistprocError(
      "invalid_request",
      `${JSON.stringify(badName.slice(0, 40))} is no name of an environment variable.`,
      { hint: "A name has at least one character, and no =." },
    );
  }
  const encoder = new TextEncoder();
  let total = 0;
  const words = [
    ...command.map((word, i) => ({ word, name: i === 0 ? "The program" : `Argument ${i}` })),
    ...Object.entries(environment).map(([name, value]) => ({
      word: `${name}=${value}`,
      name: `The environment variable ${JSON.stringify(name.slice(0, 40))}`,
    })),
  ];
  for (const { word, name } of words) {
    if (word.includes("\0")) {
      throw new PersistprocError("invalid_request", `${name} contains a NUL byte.`, {
        hint: "No program can be given one; remove it.",
      });
    }
    const bytes = encoder.encode(word).length + 1;
    if (bytes > MAX_ARGUMENT_BYTES) {
      throw new PersistprocError(
        "spawn_failed",
        `${name} has ${Math.ceil(bytes / 1024)} KiB; the system takes at most 128 KiB each.`,
        { hint: "Put it into a file and pass the file's name." },
      );
    }
    total += bytes + 8;
  }
  if (total > MAX_TOTAL_BYTES) {
    throw new PersistprocError(
      "spawn_failed",
      `Arguments and environment have ${
        Math.ceil(total / 1024)
      } KiB together, more than the system takes.`,
      { hint: "Put the data into a file and pass the file's name." },
    );
  }
}

/**
 * Checks that a directory can be worked in.
 *
 * @throws {PersistprocError} `spawn_failed`.
 */
export async function checkDirectory(path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isDirectory) return;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new PersistprocError("spawn_failed", `Permission denied: ${path}.`);
    }
    throw new PersistprocError("spawn_failed", `The directory ${shown(path)} does not exist.`);
  }
  throw new PersistprocError("spawn_failed", `${path} is not a directory.`);
}

/**
 * Checks that a program can read its standard input from a file.
 *
 * @throws {PersistprocError} `spawn_failed`.
 */
export async function checkStdinFile(path: string): Promise<void> {
  const why = await unreadable(path);
  if (why === null) return;
  throw new PersistprocError("spawn_failed", `The file for stdin, ${shown(path)}, ${why}.`, {
    hint: "Name a regular file, or leave --stdin out.",
  });
}

async function unreadable(path: string): Promise<string | null> {
  try {
    // Opening a FIFO would wait for a writer, so it is looked at first.
    if (!(await Deno.stat(path)).isFile) return "is not a regular file";
    using _file = await Deno.open(path);
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "does not exist" : "cannot be read";
  }
}

/** The file that a program's name means, as execvp(3) would find it. */
async function findProgram(
  program: string,
  searchPath: string,
  workingDirectory: string,
): Promise<string> {
  const absolute = (path: string) => isAbsolute(path) ? path : join(workingDirectory, path);
  const candidates = program.includes("/")
    ? [absolute(program)]
    : searchPath.split(":").map((directory) => join(absolute(directory || "."), program));
  let refused: { path: string; why: string } | null = null;
  for (const path of candidates) {
    const why = await refusal(path);
    if (why === null) return path;
    if (why !== "missing") refused ??= { path, why };
  }
  if (refused !== null) {
    throw new PersistprocError(
      "spawn_failed",
      `Permission denied: ${refused.path} ${refused.why}.`,
      refused.why === "is a directory" ? {} : { hint: `Run: chmod +x ${refused.path}` },
    );
  }
  throw new PersistprocError(
    "spawn_failed",
    program.includes("/")
      ? `Command not found: ${shown(absolute(program))} does not exist.`
      : `Command not found: ${shown(program)} is in no directory of PATH.`,
    { hint: "Check the spelling, the working directory and the PATH that it is started with." },
  );
}

function shown(name: string): string {
  return shorten(name, LONGEST_NAME);
}

/** Why a file cannot be executed; null when it can be. */
async function refusal(path: string): Promise<string | null> {
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) return "is a directory";
    return ((info.mode ?? 0o111) & 0o111) === 0 ? "is not executable" : null;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return "may not be accessed";
    return "missing";
  }
}

/** Checks the `#!` line of a script (execve(2), "Interpreter scripts"). */
async function checkInterpreter(program: string, path: string): Promise<void> {
  const line = await firstLine(path);
  if (line === null || !line.startsWith("#!")) return;
  if (line.endsWith("\r")) {
    throw new PersistprocError(
      "spawn_failed",
      `${program} cannot be executed: its first line ends with a carriage return (Windows line ends).`,
      { hint: `Convert it, for example: sed -i 's/\\r$//' ${path}` },
    );
  }
  const interpreter = line.slice(2).trim().split(/[ \t]/)[0] ?? "";
  if (interpreter === "" || !isAbsolute(interpreter)) return;
  const why = await refusal(interpreter);
  if (why === null) return;
  throw new PersistprocError(
    "spawn_failed",
    `${program} cannot be executed: its interpreter ${interpreter} ${
      why === "missing" ? "does not exist" : why
    }.`,
    { hint: `Correct the first line of ${path}, or install ${interpreter}.` },
  );
}

async function firstLine(path: string): Promise<string | null> {
  try {
    using file = await Deno.open(path);
    const block = new Uint8Array(INTERPRETER_LINE_BYTES);
    const count = await file.read(block) ?? 0;
    const text = new TextDecoder().decode(block.subarray(0, count));
    return text.includes("\n") ? text.slice(0, text.indexOf("\n")) : text;
  } catch {
    // Executable but not readable: only the system can tell.
    return null;
  }
}
