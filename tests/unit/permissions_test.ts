/** What the program may do: this list, and nothing that is not in SECURITY.md. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { projectDirectory } from "../support/program.ts";

/** Adding to it needs a reason that SECURITY.md gives. */
const PERMISSIONS = {
  read: true,
  write: true,
  env: true,
  run: true,
  sys: ["uid"],
  net: ["127.0.0.1", "[::1]"],
  import: false,
};

const textOf = (path: string) => Deno.readTextFile(`${projectDirectory}${path}`);
const { permissions, tasks } = JSON.parse(await textOf("deno.json"));

/** The options of a command line of Deno that have to do with permissions, up to the script. */
function permissionOptions(line: string): string[] {
  const words = line.split(/[\s",]+/);
  return words.filter((word) =>
    /^(-[A-Z]|--(allow|deny|ignore|no-prompt|no-remote|permission))/.test(word)
  );
}

Deno.test("the program has these permissions, and the tests have no others", () => {
  assertEquals(permissions, { default: PERMISSIONS });
  assertEquals(permissionOptions(tasks["test:files"].command), ["--no-prompt", "-P"]);
});

Deno.test("SECURITY.md explains each permission", async () => {
  const security = await textOf("SECURITY.md");
  for (const name of Object.keys(PERMISSIONS)) assertStringIncludes(security, `| \`${name}\` |`);
});

Deno.test("the executable and the program from source are given that set and nothing besides", async () => {
  assertEquals(permissionOptions(tasks.compile.command), ["--no-prompt", "-P", "--deny-import"]);
  const script = (await textOf("scripts/persistproc")).split("\n").at(-2) ?? "";
  assertEquals(permissionOptions(script), ["--no-prompt", "--no-remote", "-P"]);
  // A server that starts by itself.
  const [, own = ""] = /function ownCommand\(\): string\[\] \{\n(.*?)\n\}\n/s.exec(
    await textOf("lib/cli/autostart.ts"),
  ) ?? [];
  assertEquals(permissionOptions(own), ["--no-prompt", "--no-remote", "-P"]);
});

Deno.test("no code asks for a permission, or names one", async () => {
  const asking = /Deno\.permissions|--allow-/;
  const look = async (directory: string): Promise<void> => {
    for await (const entry of Deno.readDir(`${projectDirectory}${directory}`)) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory) await look(path);
      else assert(!asking.test(await textOf(path)), path);
    }
  };
  await look("lib");
});
