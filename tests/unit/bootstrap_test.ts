/** `scripts/deno` with a pretended npm, curl and Deno, so that nothing is fetched. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { projectDirectory } from "../support/program.ts";

const version = Deno.version.deno;
const pretendedDeno = `#!/bin/sh\necho "deno ${version} (pretended)"\n`;
const otherDeno = `#!/bin/sh\necho "deno 1.0.0"\n`;

/** What the scripts call besides npm and curl. */
const tools = "sh cat chmod cut dirname head mkdir mktemp mv readlink rm tar gzip uname".split(" ");

/** A source tree with nothing but the script, and a directory that is all of PATH. */
class Tree implements AsyncDisposable {
  private constructor(readonly directory: string, readonly shell: string) {}

  static async create(shell: string): Promise<Tree> {
    const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "persistproc-boot-" }));
    const tree = new Tree(directory, shell);
    for (const name of ["scripts", "bin"]) await Deno.mkdir(join(directory, name));
    await Deno.copyFile(join(projectDirectory, "scripts/deno"), join(directory, "scripts/deno"));
    for (const tool of tools) await Deno.symlink(await which(tool), join(directory, "bin", tool));
    return tree;
  }

  /** Puts a program of this tree on PATH. */
  async program(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.directory, "bin", name), text, { mode: 0o755 });
  }

  /** An npm whose package holds this Deno; it notes each call. */
  async npm(deno: string): Promise<void> {
    await Deno.mkdir(join(this.directory, "package"));
    await Deno.writeTextFile(join(this.directory, "package/deno"), deno);
    await this.program(
      "npm",
      `#!/bin/sh\necho "$*" >> ${this.directory}/calls\n` +
        `echo deno.tgz\ntar czf deno.tgz -C ${this.directory} package\n`,
    );
  }

  /** Runs the script, or a link to it. */
  async run(script = join(this.directory, "scripts/deno"), cwd = this.directory) {
    const { code, stdout, stderr } = await new Deno.Command(this.shell, {
      args: [script, "--version"],
      cwd,
      env: { PATH: join(this.directory, "bin") },
      clearEnv: true,
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** What is in the directory for this version of Deno. */
  fetched(): string[] {
    return [...Deno.readDirSync(join(this.directory, ".deno", version))].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

async function which(tool: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

const shells = [await which("dash"), await which("bash")].filter((shell) => shell !== "");

for (const shell of shells) {
  Deno.test(`scripts/deno fetches Deno once, from npm (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.npm(pretendedDeno);
    for (let run = 0; run < 2; run++) {
      assertEquals((await tree.run()).stdout, `deno ${version} (pretended)\n`);
    }
    assertEquals(tree.fetched(), ["deno"]);
    assertEquals((await Deno.readTextFile(join(tree.directory, "calls"))).split("\n").length, 2);
  });

  Deno.test(`scripts/deno works from elsewhere, through links (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.npm(pretendedDeno);
    await Deno.symlink("scripts/deno", join(tree.directory, "relative"));
    await Deno.symlink(join(tree.directory, "relative"), join(tree.directory, "absolute"));
    const { stdout } = await tree.run(join(tree.directory, "absolute"), "/");
    assertEquals(stdout, `deno ${version} (pretended)\n`);
  });

  Deno.test(`two first runs of scripts/deno at one instant both succeed (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.npm(pretendedDeno);
    const runs = await Promise.all([tree.run(), tree.run()]);
    assertEquals(runs.map(({ stdout }) => stdout), Array(2).fill(`deno ${version} (pretended)\n`));
    assertEquals(tree.fetched(), ["deno"]);
  });

  Deno.test(`without npm, scripts/deno uses Deno's installer (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.program(
      "curl",
      `#!/bin/sh\ncat > "$3" <<'END'\nmkdir "$DENO_INSTALL/bin"\n` +
        `cat > "$DENO_INSTALL/bin/deno" <<'DENO'\n${pretendedDeno}DENO\nEND\n`,
    );
    assertEquals((await tree.run()).stdout, `deno ${version} (pretended)\n`);
    assertEquals(tree.fetched(), ["deno"]);
  });

  Deno.test(`scripts/deno refuses another Deno and leaves nothing behind (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.npm(otherDeno);
    const { code, stderr } = await tree.run();
    assertEquals(code, 1);
    assertStringIncludes(stderr, `not a Deno ${version}`);
    assertEquals(tree.fetched(), []);
  });

  Deno.test(`scripts/deno says what to do when nothing can be fetched (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    const { code, stderr } = await tree.run();
    assertEquals(code, 1);
    assertStringIncludes(stderr, "needs npm or curl");
    await tree.program("npm", "#!/bin/sh\necho 'npm error network' >&2\nexit 1\n");
    const offline = await tree.run();
    assertEquals(offline.code, 1);
    assertStringIncludes(offline.stderr, "check the connection");
    assertEquals(tree.fetched(), []);
  });

  Deno.test(`scripts/deno uses the right Deno on PATH, no other (${shell})`, async () => {
    await using tree = await Tree.create(shell);
    await tree.program("deno", otherDeno);
    assertEquals((await tree.run()).code, 1);
    await Deno.remove(join(tree.directory, "bin/deno"));
    await Deno.symlink(Deno.execPath(), join(tree.directory, "bin/deno"));
    assertStringIncludes((await tree.run()).stdout, `deno ${version} (stable`);
  });
}

Deno.test("the version of scripts/deno is the one that runs these tests", async () => {
  const script = await Deno.readTextFile(join(projectDirectory, "scripts/deno"));
  assertStringIncludes(script, `\nversion=${version}\n`);
});
