/** The program under test: from source, or the executable that `PERSISTPROC_EXECUTABLE` names. */
import { fromFileUrl, resolve } from "@std/path";

/** The root of the source tree. */
export const projectDirectory: string = fromFileUrl(new URL("../../", import.meta.url));

/** The executable under test, or null when the tests run the program from source. */
export const executable: string | null = Deno.env.get("PERSISTPROC_EXECUTABLE")
  ? resolve(Deno.env.get("PERSISTPROC_EXECUTABLE") ?? "")
  : null;

/** The argument list that starts persistproc; the arguments of a test follow. */
export const programCommand: readonly string[] = executable !== null ? [executable] : [
  Deno.execPath(),
  "run",
  "-q",
  "--v8-flags=--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks",
  "--no-prompt",
  "--no-remote",
  "--config",
  resolve(projectDirectory, "deno.json"),
  "-P",
  resolve(projectDirectory, "main.ts"),
];

/** Where Deno keeps its cache: a child whose home is empty would fetch everything anew. */
export function denoDirectory(): Promise<string> {
  return cache ??= askDenoDirectory();
}

async function askDenoDirectory(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

let cache: Promise<string> | undefined;

/** An environment that says nothing about whoever runs the tests. */
export async function isolatedEnvironment(directory: string): Promise<Record<string, string>> {
  const environment: Record<string, string> = {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: resolve(directory, "home"),
    TMPDIR: resolve(directory, "tmp"),
    LANG: "C.UTF-8",
  };
  if (executable === null) environment.DENO_DIR = await denoDirectory();
  return environment;
}
