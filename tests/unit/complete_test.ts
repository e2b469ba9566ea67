/** What the word at the end of a command line may become, and how bash takes it. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readBashLine } from "../../lib/cli/complete/bash_line.ts";
import { complete, type Completion } from "../../lib/cli/complete/candidates.ts";
import { findPosition } from "../../lib/cli/complete/position.ts";
import { COMMANDS, optionsOf } from "../../lib/cli/table.ts";
import { splitCommandLine } from "../../lib/protocol/command_line.ts";
import { processInfo } from "./server_fakes.ts";

const PROCESSES = [
  processInfo({ pid: 12, label: "web", command: ["npm", "run", "dev"] }),
  processInfo({ pid: 13, label: "old", command: ["npm", "test"], status: "exited" }),
  processInfo({ pid: null, label: "never", command: ["npm", "cut…"], status: "failed" }),
  processInfo({ pid: 14, label: "bad\x1b[31m", command: ["x\n"] }),
];

/** Completes a line whose last word follows the last space; fails if processes are asked for in vain. */
async function at(line: string): Promise<Completion> {
  const words = line.split(" ");
  const word = words.pop() ?? "";
  return await complete(words, word, findPosition(words), () => Promise.resolve(PROCESSES));
}

async function values(line: string): Promise<string[]> {
  return (await at(line)).candidates.map(({ value }) => value);
}

Deno.test("every command and each of its options is completed, with what its help says", async () => {
  const first = await at("");
  assertEquals(first.candidates.map(({ value }) => value), COMMANDS.map(({ name }) => name));
  for (const command of COMMANDS) {
    const { candidates } = await at(`${command.name} --`);
    assertEquals(
      candidates,
      optionsOf(command).map(({ name, help }) => ({ value: `--${name}`, description: help })),
    );
  }
});

Deno.test("an option is offered once, and its values where they are known", async () => {
  assert(!(await values("list --running --")).includes("--running"));
  assert((await values("-v list --")).includes("--verbose"));
  assertEquals(await values("output --stream "), ["stdout", "stderr", "combined"]);
  assertEquals(await values("output --stream="), [
    "--stream=stdout",
    "--stream=stderr",
    "--stream=combined",
  ]);
  assertEquals(await values("wait --wait-port "), ["any"]);
  assertEquals((await at("start --stdin ")).also, "files");
  assertEquals((await at("--data-dir ")).also, "directories");
  assertEquals((await at("start --working-directory=x")).also, "directories");
  assertEquals(await values("output --lines "), []);
});

Deno.test("targets are those that can be meant, without what no terminal should be given", async () => {
  for (const line of ["stop ", "input ", "wait ", "ctrl stop ", "stop --force --grace 3 "]) {
    assertEquals(await values(line), ["web", "12", "14"], line);
  }
  for (const line of ["restart ", "output ", "output -f ", "ctrl restart "]) {
    assertEquals(await values(line), ["web", "old", "never", "12", "13", "14"], line);
  }
  assertEquals(await values("stop npm "), ["run", "test"]);
  assertEquals(await values("stop npm run "), ["dev"]);
  assertEquals(await values("stop x"), ["web", "12", "14"]);
  assertEquals(await values("stop npm run dev "), []);
  assertEquals(await values("list --pid "), ["12", "13", "14"]);
});

Deno.test("programs are offered once one is begun, and not all that there are", async () => {
  for (const line of ["", "-q ", "-- ", "run ", "run --label x ", "start -- ", "ctrl start "]) {
    assertEquals((await at(line)).also, null, line);
  }
  assertEquals((await at("n")).also, { program: 0 });
  assertEquals((await at("run n")).also, { program: 1 });
  assertEquals((await at("npm ")).also, { program: 0 });
  assertEquals((await at("run npm ")).also, { program: 1 });
});

Deno.test("from its first word on, a program is completed by its own completion", async () => {
  const program = async (line: string) => (await at(line)).also;
  assertEquals(await program("npm r"), { program: 0 });
  assertEquals(await program("-q npm --"), { program: 1 });
  assertEquals(await program("run np"), { program: 1 });
  assertEquals(await program("run --label run npm r"), { program: 3 });
  assertEquals(await program("run -- npm r"), { program: 2 });
  assertEquals(await program("-- npm r"), { program: 1 });
  assertEquals(await program("ctrl start npm r"), { program: 2 });
  assertEquals(await program("ctrl start --pty npm --"), { program: 3 });
  assertEquals((await at("npm --")).candidates, []);
});

/** The characters at which bash splits words, besides blanks. */
const BREAKS = " \t\n\"'@><=;|&(:";

Deno.test("whatever bash is given in place of the last piece means the candidate", () => {
  const label = fc.string({ minLength: 1, unit: "grapheme" })
    .filter((text) => !/\p{Cc}/u.test(text));
  const quote = fc.constantFrom("", "'", '"');
  fc.assert(fc.property(label, quote, fc.nat(), (label, quote, cut) => {
    // What a person has typed of it so far: in the same quotes.
    const typed = label.slice(0, cut % (label.length + 1));
    const start = readBashLine(`persistproc stop ${quote}`, BREAKS).replace(typed);
    const line = `persistproc stop ${quote}${start}`;
    const { words, word, replace } = readBashLine(line, BREAKS);
    assertEquals([words, word], [["persistproc", "stop"], typed]);
    // Bash keeps what stands before the piece: that is what replacing the word itself leaves out.
    const kept = line.slice(0, line.length - replace(word).length);
    assertEquals(splitCommandLine(kept + replace(label) + quote)[2], label);
  }));
});

/** At which of COMP_WORDS each word begins, as bash 5.2 has it. */
const COMP_WORDS: Record<string, number[]> = {
  "persistproc --port=1 run --label a:b=c npm r": [0, 1, 4, 5, 6, 11, 12],
  "persistproc a::b ::c d: e": [0, 1, 4, 6, 8],
  "persistproc 'a b'\"c\":d 'x": [0, 1, 4],
  "persistproc run\\ x\\:y z": [0, 1, 2],
  "persistproc --label 'a=b' --x='c' ": [0, 1, 2, 3, 6],
};

for (const [line, starts] of Object.entries(COMP_WORDS)) {
  Deno.test(`bash's own words are counted as bash does: ${line}`, () => {
    assertEquals(readBashLine(line, BREAKS).starts, starts);
  });
}
