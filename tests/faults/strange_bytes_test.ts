/** Output that is made to break readers: kept byte for byte, shown bounded and clean. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { byChance, type Chance, tell, times } from "../support/faults.ts";
import { equal } from "../support/flood.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

const MEBIBYTE = 1024 * 1024;
const encoder = new TextEncoder();

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function progress(): string {
  let text = "";
  for (let n = 0; text.length < MEBIBYTE; n++) text += `\rbuilding ${n} of 99999`;
  return `${text}\rbuilt all of it        \n`;
}

/** How much of a line is shown to agents, and in a command's output. */
const SHOWN_OF_LINE = { tool: 2_000, command: 64 * 1024 };

const floods: {
  name: string;
  bytes: (chance: Chance) => Uint8Array;
  shows: string;
  /** The bytes of a line that is cut. */
  long?: number;
}[] = [
  {
    name: "a line of 10 MB",
    bytes: () => encoder.encode(`begin${"x".repeat(10_000_000)}end\n`),
    shows: "begin",
    long: 10_000_008,
  },
  {
    name: "a line of 10 MB that does not end",
    bytes: () => encoder.encode(`first\nbegin${"x".repeat(10_000_000)}`),
    shows: "begin",
    long: 10_000_005,
  },
  {
    name: "an escape sequence that does not end",
    bytes: (chance) => {
      const opening = ["\x1b]0;title", "\x1bP1$r", "\x1b[31;", "\x1b_", "\x9d0;"][chance.below(5)];
      return encoder.encode(`before\n${opening}${"y".repeat(MEBIBYTE)}\nafter it\n`);
    },
    shows: "after it",
  },
  {
    name: "invalid UTF-8 and characters over the ends of blocks",
    bytes: (chance) => {
      const parts = [encoder.encode("z".repeat(chance.below(8)))];
      for (let n = 0; n < 60_000; n++) {
        const invalid = chance.below(4) === 0;
        parts.push(invalid ? chance.bytes(1 + chance.below(5)) : encoder.encode("€𝄞ä"));
      }
      return concat([...parts, encoder.encode("\nthe last line: €𝄞ä\n")]);
    },
    shows: "the last line: €𝄞ä",
  },
  {
    name: "a megabyte of progress",
    bytes: () => encoder.encode(`${progress()}ready\n`),
    shows: "built all of it",
  },
];

for (const { name, bytes: make, shows, long } of floods) {
  Deno.test(
    `${name}: kept byte for byte, shown bounded and clean`,
    byChance(name, async (chance) => {
      const rounds = times({ full: 10, ci: 2 });
      await using workspace = await Workspace.create();
      const server = await workspace.serve();
      const agent = await workspace.agent();
      let compared = 0;
      for (let round = 0; round < rounds; round++) {
        const bytes = make(chance);
        // Written in pieces that end anywhere, each seen by readers for itself.
        const cuts = Array.from({ length: 5 }, () => chance.below(bytes.length)).sort((a, b) =>
          a - b
        );
        const ends = [...cuts, bytes.length];
        for (const [at, end] of ends.entries()) {
          await Deno.writeFile(workspace.path(`part${at}`), bytes.subarray(ends[at - 1] ?? 0, end));
        }
        const script = `for n in 0 1 2 3 4 5; do cat part$n; cat part$n >&2; sleep 0.02; done`;
        const { log_stdout, log_stderr } = await workspace.runJson(
          ["start", "--label", `it-${round}`, "sh", "-c", script],
        );
        const ended = async () => {
          // Read in the middle of it, too.
          const answer = await agent.call("output", { command_or_label: `it-${round}` });
          assertBounded(answer.text, 8_200);
          const { processes } = await workspace.runJson(["list", "--running"]);
          return processes.length === 0;
        };
        await until(ended, { what: "the end of the program" });
        for (const log of [log_stdout, log_stderr]) {
          assert(equal(await Deno.readFile(log), bytes), `${log} is not what was written`);
          compared += bytes.length;
        }
        for (const stream of ["stdout", "stderr", "combined"]) {
          const request = { command_or_label: `it-${round}`, stream };
          const { text, isError } = await agent.call("output", request);
          assert(!isError, text);
          assertStringIncludes(text, shows);
          assertBounded(text, 8_200);
          if (long) assertStringIncludes(text, ` [+${long - SHOWN_OF_LINE.tool} bytes]`);
        }
        const shown = await workspace.run(["output", "--label", `it-${round}`]);
        assertStringIncludes(shown.stdout, shows);
        if (long) assertStringIncludes(shown.stdout, ` [+${long - SHOWN_OF_LINE.command} bytes]`);
        assertEquals(shown.code, 0);
      }
      assertEquals(server.ended, null);
      await tell({ fault: `6 ${name}`, times: rounds, bytes: compared });
    }),
  );
}

/** Nothing that a terminal would obey, nothing that is no character, and not too much. */
function assertBounded(text: string, characters: number): void {
  assert(text.length <= characters, `${text.length} characters`);
  // deno-lint-ignore no-control-regex
  const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/.exec(text);
  assertEquals(control, null);
  assert(text.isWellFormed());
}
