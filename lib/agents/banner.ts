/** What `serve` says first. */
import type { Instruction } from "./agent.ts";
import { AGENTS } from "./index.ts";

/** How to connect each agent to the server at this URL, which ends in `/mcp`; a line for each. */
export function agentsBanner(url: string): string {
  const width = Math.max(...AGENTS.map(({ name }) => name.length));
  const lines = AGENTS.map(({ name, connect }) =>
    `  ${name.padEnd(width)}  ${describeInstruction(connect(url))}`
  );
  return [
    `persistproc serves MCP at ${url}. To connect an agent, run the line or add to the file:`,
    "",
    ...lines,
    `  ${"others".padEnd(width)}  Streamable HTTP at ${url}`,
    "",
  ].join("\n");
}

function describeInstruction(instruction: Instruction): string {
  switch (instruction.kind) {
    case "command":
      return instruction.line;
    case "file":
      return `${instruction.path}: ${instruction.entry}`;
    case "settings":
      return `${instruction.menu}: ${instruction.entry}`;
  }
}
