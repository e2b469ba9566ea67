/** What a program with a terminal of its own has to know of it. */

/** What nearly every terminal that somebody looks at understands. */
const USUAL = "xterm-256color";

/**
 * What a start adds for a program that gets a terminal: `TERM`, unless its caller's says what the
 * terminal can do on which it is shown. Agents have `dumb` there for the commands that they run
 * themselves; who asks for a terminal does not want one that can do nothing.
 */
export function terminalVariables(
  environment: Readonly<Record<string, string>>,
  { byPerson }: { byPerson: boolean },
): Record<string, string> {
  const { TERM = "" } = environment;
  return TERM === "" || (TERM === "dumb" && !byPerson) ? { TERM: USUAL } : {};
}
