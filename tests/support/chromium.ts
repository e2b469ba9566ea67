/** Headless Chromium: one that is there, else one that is fetched from npm into `.deno/`, once. */
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { join } from "@std/path";
import { projectDirectory } from "./program.ts";

/** An npm package that holds the program itself, for Linux on x86-64. */
const PACKAGE = "@sparticuz/chromium";
const VERSION = "153.0.0";

const directory = join(projectDirectory, ".deno", `chromium-${VERSION}`);

async function run(command: string, args: string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The path of a Chromium; `PERSISTPROC_CHROMIUM` names another. */
async function findChromium(): Promise<string> {
  const given = Deno.env.get("PERSISTPROC_CHROMIUM");
  if (given) return given;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) {
    const path = await run("/bin/sh", ["-c", `command -v ${name}`]);
    if (path) return path;
  }
  const program = join(directory, "chromium");
  if (await Deno.stat(program).catch(() => null)) return program;
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new Error("no Chromium here: name one by PERSISTPROC_CHROMIUM");
  }
  await Deno.stderr.write(
    new TextEncoder().encode(
      `fetching Chromium (${PACKAGE} ${VERSION}, 70 MB) into ${directory}\n`,
    ),
  );
  await fetchChromium(program);
  return program;
}

async function fetchChromium(program: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  const options = [
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--prefix",
    directory,
  ];
  if (await run("npm", ["install", ...options, `${PACKAGE}@${VERSION}`]) === null) {
    throw new Error(`npm could not install ${PACKAGE}`);
  }
  const packed = join(directory, "node_modules", PACKAGE, "bin");
  for (const [from, to] of [["al2023.tar.br", "libraries.tar"], ["chromium.br", "chromium.part"]]) {
    await pipeline(
      createReadStream(join(packed, `${from}`)),
      createBrotliDecompress(),
      createWriteStream(join(directory, `${to}`)),
    );
  }
  await run("tar", ["-xf", join(directory, "libraries.tar"), "-C", directory]);
  await Deno.chmod(`${program}.part`, 0o755);
  // Last, so that what was broken off is begun anew.
  await Deno.rename(`${program}.part`, program);
}

/** A running browser that has opened one page. */
export class Chromium implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;

  private constructor(process: Deno.ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
  }

  /** Opens a page in a browser of its own, for which these names are 127.0.0.1 and all others none. */
  static async open(url: string, names: readonly string[]): Promise<Chromium> {
    const program = await findChromium();
    const profile = await Deno.makeTempDir({ prefix: "persistproc-chromium-" });
    const own = [...names.map((name) => `MAP ${name} 127.0.0.1`), "EXCLUDE localhost"];
    const process = new Deno.Command(program, {
      args: [
        "--headless",
        "--disable-gpu",
        // It does not start as root with one.
        ...Deno.uid() === 0 ? ["--no-sandbox"] : [],
        "--no-proxy-server",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        `--host-resolver-rules=${[...own, "EXCLUDE 127.0.0.1", "MAP * ~NOTFOUND"].join(", ")}`,
        `--user-data-dir=${profile}`,
        url,
      ],
      env: { LD_LIBRARY_PATH: join(directory, "lib") },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new Chromium(process, profile);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await this.#process.status;
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }
}
