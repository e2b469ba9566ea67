/** What the doctor says of file systems, programs and tables that a test cannot have for real. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Check, Surroundings } from "../../lib/cli/doctor/check.ts";
import { checkPrograms } from "../../lib/cli/doctor/programs.ts";
import { checkStorage } from "../../lib/cli/doctor/storage.ts";
import { formatChecks, worstState } from "../../lib/cli/format/doctor.ts";
import { textWidth } from "../../lib/cli/terminal/width.ts";
import { openWatch } from "../../lib/logs/directory_watch.ts";
import { askProgram } from "../../lib/system/ask.ts";

async function inDirectory(
  test: (surroundings: Surroundings, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const settings = {
    port: 1,
    portGiven: false,
    dataDirectory: directory,
    format: "text",
    verbosity: 0,
    environment: Deno.env.toObject(),
    directory,
  } as const;
  try {
    await test({ settings, ask: askProgram, openWatch, os: Deno.build.os }, directory);
    const left = await Array.fromAsync(Deno.readDir(directory));
    assertEquals(left.map(({ name }) => name), [], "nothing is left of what was tried out");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function find(checks: readonly Check[], name: string): Check {
  const found = checks.find(({ check }) => check === name);
  assert(found, `no ${name} among ${checks.map(({ check }) => check).join(", ")}`);
  return found;
}

Deno.test("a full disk is broken, a nearly full one a warning, each with what to do", async () => {
  await inDirectory(async (surroundings) => {
    const disk = async (kibibytes: number) => {
      const ask = (program: string) =>
        Promise.resolve(
          program === "df"
            ? `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x y 9 9 ${kibibytes} 9% /my disk\n`
            : "yes",
        );
      return find(await checkStorage({ ...surroundings, ask }), "disk");
    };
    const full = await disk(1024);
    assertEquals(full.state, "broken");
    assertStringIncludes(full.finding, "1 MiB");
    assertMatch(full.advice ?? "", /--data-dir/);
    assertEquals((await disk(1024 * 1024)).state, "warning");
    assertEquals((await disk(64 * 1024 * 1024)).state, "ok");
  });
});

Deno.test("a watch that sees a write is fine; one that is refused is a warning", async () => {
  await inDirectory(async (surroundings) => {
    assertEquals(find(await checkStorage(surroundings), "file watching").state, "ok");
    const refused = await checkStorage({
      ...surroundings,
      openWatch: (report) => ({ watch: () => report({ kind: "refused" }), close() {} }),
    });
    const { state, finding, advice } = find(refused, "file watching");
    assertEquals(state, "warning");
    assertStringIncludes(finding, "no watch left");
    assertStringIncludes(advice ?? "", "sysctl");
  });
});

Deno.test("a watch that does not see a write is a warning", async () => {
  await inDirectory(async (surroundings) => {
    const blind = await checkStorage({
      ...surroundings,
      openWatch: (report) => ({ watch: () => report({ kind: "watching" }), close() {} }),
    });
    assertEquals(find(blind, "file watching").state, "warning");
  });
});

Deno.test("each program that lacks is named with what is lost without it", async () => {
  await inDirectory((surroundings) => {
    const nowhere = { ...surroundings.settings, environment: { PATH: "/nowhere" } };
    for (const os of ["linux", "darwin"] as const) {
      const checks = checkPrograms({ ...surroundings, settings: nowhere, os });
      const names = os === "linux" ? ["cat", "ps", "ss", "lsof", "fallocate"] : ["ps", "lsof"];
      for (const name of [...names, "stty", "dd"]) {
        const { finding } = find(checks, name);
        assertMatch(finding, /^It is not on PATH\. \S.*\.$/);
      }
      assertEquals(worstState(checks), "broken");
    }
    return Promise.resolve();
  });
});

Deno.test("the table fits any terminal, and says each state in words", () => {
  const long = "a directory with a name that goes on and on and on ".repeat(3).trim();
  const checks: Check[] = [
    { check: "server", state: "ok", finding: "It runs.", advice: null },
    { check: "data directory", state: "warning", finding: `${long}.`, advice: "chmod 700 x" },
    { check: "disk", state: "broken", finding: "Only 1 MiB\x1b[31m.", advice: `rm ${long}` },
  ];
  for (const columns of [24, 40, 60, 80, 120, 300]) {
    const text = formatChecks(checks, columns);
    for (const { check, state, advice } of checks) {
      assertMatch(text, new RegExp(`^${check} +${state}\\b`, "m"));
      if (advice) assertStringIncludes(text.replace(/\s+/g, " "), `-> ${advice}`);
    }
    assertStringIncludes(text, "\\x1b[31m");
    const wide = text.split("\n").filter((line) => textWidth(line) > columns);
    assertEquals(wide.filter((line) => /\S\s+\S/.test(line.trim())), [], `${columns} columns`);
  }
});
