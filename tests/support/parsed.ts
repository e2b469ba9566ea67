/** Command lines, understood as in a home where a few programs are installed. */
import { type Invocation, parse } from "../../lib/cli/parse.ts";

export const CONTEXT = {
  directory: "/here",
  home: "/home/me",
  now: Date.UTC(2026, 0, 1),
  isProgram: (word: string) => ["npm", "python", "node", "sleep"].includes(word),
};

/** A command line that asks for a command to be run. */
export function understand(argv: string[]): Invocation {
  const request = parse(argv, CONTEXT);
  if (request.kind !== "run") throw new Error(`${argv.join(" ")} asks for ${request.kind}`);
  return request.invocation;
}
