/** The real clients, from npm, in the versions that these tests are known to pass with. */
import { join } from "@std/path";
import { projectDirectory } from "../support/program.ts";

/** The packages, each with the command that it brings. */
const PACKAGES = {
  claude: "@anthropic-ai/claude-code@2.1.330",
  gemini: "@google/gemini-cli@0.61.0",
  opencode: "opencode-ai@1.18.33",
  codex: "@openai/codex@0.169.0",
} as const;

/** The name of a client's command. */
export type ClientCommand = keyof typeof PACKAGES;

const directory = join(projectDirectory, ".deno", "clients");

/** Installs all clients, unless they are there, and returns the path of one's command. */
export async function installed(command: ClientCommand): Promise<string> {
  await (installation ??= install());
  return join(directory, "node_modules", ".bin", command);
}

let installation: Promise<void> | undefined;

async function install(): Promise<void> {
  const packages = Object.values(PACKAGES);
  const complete = join(directory, "complete");
  const versions = packages.join("\n");
  if (await Deno.readTextFile(complete).catch(() => "") === versions) return;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(join(directory, "package.json"), `{ "private": true }\n`);
  // One asks for a newer Node than it needs, and all link their programs by scripts.
  const options = ["--force", "--ignore-scripts=false", "--no-audit", "--no-fund"];
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--loglevel=error", ...options, ...packages],
    cwd: directory,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.writeTextFile(complete, versions);
}
