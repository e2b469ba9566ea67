/**
 * The variables that a program gets beside those of whoever started it. What is set already stays as
 * it is, also where it is empty; so whoever wants none of these says so in the environment.
 */
import type { TerminalInfo } from "../protocol/process.ts";

type Variables = Readonly<Record<string, string>>;

/**
 * What a start adds to its environment.
 *
 * A program writes to files here, and so takes nobody to be looking: Python keeps its output back
 * until a block of it is full, whoever started it. For a person at a terminal, programs also leave
 * out their colors and do not know the width.
 *
 * @param terminal The terminal on which somebody sees what it prints, when there is one.
 */
export function addedVariables(
  environment: Variables,
  terminal: TerminalInfo | undefined,
): Record<string, string> {
  const wanted = {
    PYTHONUNBUFFERED: "1",
    ...(terminal && hasColors(environment) ? colors(environment) : {}),
    ...(terminal && terminal.columns > 0 ? { COLUMNS: String(terminal.columns) } : {}),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !(name in environment)));
}

/**
 * Whether programs would print colors on that terminal, and nobody has said anything else.
 * (no-color.org, force-color.org, bixense.com/clicolors; NODE_DISABLE_COLORS is Node's.)
 */
function hasColors(environment: Variables): boolean {
  const { TERM = "", NO_COLOR, NODE_DISABLE_COLORS, CLICOLOR } = environment;
  if (TERM === "" || TERM === "dumb") return false;
  if (NO_COLOR || NODE_DISABLE_COLORS || CLICOLOR === "0") return false;
  // Either of them says what is wanted of all programs.
  return !("FORCE_COLOR" in environment) && !("CLICOLOR_FORCE" in environment);
}

/** Most programs only look whether these are set; Node takes the one for how many colors there are. */
function colors({ TERM = "", COLORTERM = "" }: Variables): Record<string, string> {
  const level = /^(truecolor|24bit)$/i.test(COLORTERM) || TERM.endsWith("-direct")
    ? "3"
    : TERM.includes("256")
    ? "2"
    : "1";
  return { FORCE_COLOR: level, CLICOLOR_FORCE: "1" };
}
