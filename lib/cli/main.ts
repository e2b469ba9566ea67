/** One command line, from its words to its exit status. */
import { describeError, PersistprocError } from "../protocol/errors.ts";
import { printable } from "../protocol/printable.ts";
import type { Request } from "./parse.ts";
import { printNote, printResult } from "./terminal/write.ts";
import { UsageError } from "./usage_error.ts";

/** What a shell reports for a program that SIGPIPE ended. */
const READER_GONE = 141;

/** Runs a command line. Never throws; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    if (error instanceof UsageError) {
      await printNote(`Error: ${printable(error.message)}\nTry: ${printable(error.instead)}\n`);
      return 2;
    }
    if (error instanceof PersistprocError) {
      await printNote(`Error: ${describeError(error)}\n`);
      return 1;
    }
    if (error instanceof Deno.errors.BrokenPipe) return READER_GONE;
    const what = error instanceof Error ? error.message : String(error);
    await printNote(`Error: persistproc itself failed: ${printable(what)}\n`);
    return 1;
  }
}

async function run(argv: readonly string[]): Promise<number> {
  if (Deno.build.os === "windows") {
    await printNote(
      "Error: persistproc needs Linux or macOS.\nTry: install WSL and run it there\n",
    );
    return 1;
  }
  if (argv[0] === "__complete") {
    const { answerShell } = await import("./complete/answer.ts");
    return await answerShell(argv.slice(1));
  }
  const request = await understand(argv);
  switch (request.kind) {
    case "version": {
      const { VERSION } = await import("../protocol/version.ts");
      await printResult(`persistproc ${VERSION}\n`);
      return 0;
    }
    case "help": {
      const { commandHelp, programHelp } = await import("./help.ts");
      const { terminalSize } = await import("./terminal/size.ts");
      const { columns } = terminalSize();
      const { command } = request;
      await printResult(command ? commandHelp(command, columns) : programHelp(columns));
      return 0;
    }
    case "run": {
      const { invocation } = request;
      const command = await invocation.command.load();
      return await command.default(invocation);
    }
  }
}

async function understand(argv: readonly string[]): Promise<Request> {
  // Scripts ask for it often, and reading options takes longer than answering.
  if (argv.length === 1 && argv[0] === "--version") return { kind: "version" };
  const { parse } = await import("./parse.ts");
  const { isOnPath } = await import("./path_search.ts");
  return parse(argv, {
    directory: currentDirectory(),
    home: Deno.env.get("HOME"),
    now: Date.now(),
    isProgram: (word) => isOnPath(word, Deno.env.get("PATH") ?? ""),
  });
}

/** The current directory, or `/` when it has been removed: a start in it says so, others work. */
function currentDirectory(): string {
  try {
    return Deno.cwd();
  } catch {
    return "/";
  }
}
