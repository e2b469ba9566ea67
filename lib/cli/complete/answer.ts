/**
 * What the completion scripts ask, `persistproc __complete SHELL WORDS…`: a line that says what else
 * to offer, then a line for each candidate. Whatever goes wrong, it says nothing.
 */
import type { ProcessInfo } from "../../protocol/process.ts";
import { within } from "../../system/within.ts";
import { Client } from "../client.ts";
import { findServer } from "../discovery.ts";
import { readSettings } from "../settings.ts";
import { printRaw } from "../terminal/write.ts";
import { OptionValues, readValue } from "../values.ts";
import { readBashLine } from "./bash_line.ts";
import { type AskProcesses, type Candidate, complete, type Completion } from "./candidates.ts";
import { findPosition, type Position } from "./position.ts";

/** Milliseconds after which a person rather has no labels than waits for them. */
const PATIENCE_MS = 1_000;

/** Answers a shell; the exit status is of no interest to it. */
export async function answerShell([shell, ...rest]: readonly string[]): Promise<number> {
  try {
    const lines = shell === "bash" ? await answerBash(rest) : await answerWords(rest);
    await printRaw(lines.map((line) => `${line}\n`).join(""));
    return 0;
  } catch {
    return 1;
  }
}

/** The words behind `persistproc`, the last one up to the cursor: zsh and fish take candidates whole. */
async function answerWords(all: readonly string[]): Promise<string[]> {
  const words = all.slice(0, -1);
  const { candidates, also } = await completeWord(words, all.at(-1) ?? "");
  return [
    described(also, (index) => index),
    ...candidates.map(({ value, description }) => `${value}\t${description}`),
  ];
}

/** COMP_WORDBREAKS, and the line up to the cursor; bash filters nothing and quotes nothing. */
async function answerBash([breaks = "", line = ""]: readonly string[]): Promise<string[]> {
  const { words, word, starts, replace } = readBashLine(line, breaks);
  const { candidates, also } = await completeWord(words.slice(1), word);
  const fits = ({ value }: Candidate) => value.startsWith(word);
  return [
    described(also, (index) => starts[index + 1] ?? 0),
    ...candidates.filter(fits).map(({ value }) => replace(value)),
  ];
}

function described(also: Completion["also"], indexOf: (index: number) => number): string {
  if (also === null) return "-";
  return typeof also === "string" ? also : `program ${indexOf(also.program)}`;
}

async function completeWord(words: readonly string[], word: string): Promise<Completion> {
  const position = findPosition(words);
  return await complete(words, word, position, processesOf(position));
}

/** The processes of the server that the line means, if it runs and answers soon. */
function processesOf({ given }: Position): AskProcesses {
  return async () => {
    const options = new OptionValues();
    const context = { directory: Deno.cwd(), home: Deno.env.get("HOME"), now: 0 };
    for (const [spec, text] of given) {
      const read = readValue(spec, text, context);
      if ("value" in read) options.set(spec, read.value);
    }
    const settings = readSettings(options, Deno.env.toObject(), context.directory);
    const asked = async (): Promise<readonly ProcessInfo[]> => {
      const server = await findServer(settings);
      return server === null ? [] : (await new Client(server).runs({}, true)).processes;
    };
    return await within(asked().catch(() => []), PATIENCE_MS) ?? [];
  };
}
