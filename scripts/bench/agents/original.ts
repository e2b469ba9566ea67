/** The persistproc that was before this one, from PyPI, in a folder of its own. */
import { join } from "@std/path";
import { projectDirectory } from "../../../tests/support/program.ts";

/** The newest on PyPI. */
const VERSION = "0.2.1";

/** What it asks for without a version, as it was then: with today's it does not start. */
const REQUIREMENTS = [
  `persistproc==${VERSION}`,
  "pydantic==2.11.7",
  "starlette==0.47.1",
  "uvicorn==0.35.0",
];

/** The path of its program, which is installed at the first time. */
export async function installOriginal(): Promise<string> {
  const directory = join(projectDirectory, ".deno", "original", VERSION);
  const program = join(directory, "bin", "persistproc");
  const complete = join(directory, "complete");
  if (await Deno.stat(complete).then(() => true, () => false)) return program;
  await run("python3", ["-m", "venv", "--clear", directory]);
  await run(join(directory, "bin", "python"), ["-m", "pip", "install", "-q", ...REQUIREMENTS]);
  await Deno.writeTextFile(complete, "");
  return program;
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}
