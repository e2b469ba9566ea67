/** What `serve` says first. */
import { connect, type Instruction } from "./agent.ts";
import { AGENTS } from "./index.ts";

/** How to connect each agent to the server at this URL, which ends in `/mcp`; a line for each. */
export function agentsBanner(url: string): string {
  const width = Math.max(...AGENTS.map(({ name }) => name.length));
  const lines = AGENTS.map((agent) =>
    `  ${agent.name.padEnd(width)}  ${describeInstruction(connect(agent, { kind: "http", url }))}`
  );
  return [
    `persistproc serves MCP at ${url}. To connect an agent, run the line or add to the file:`,
    "",
    ...lines,
    `  ${"others".padEnd(width)}  Streamable HTTP at ${url}`,
    "",
    "`persistproc agents --install NAME` does it; `persistproc agents` has more.",
    "",
  ].join("\n");
}

/** An instruction in one line. */
export function describeInstruction(instruction: Instruction): string {
  switch (instruction.kind) {
    case "command":
      return instruction.line;
    case "file":
      return `${instruction.path}: ${instruction.entry}`;
    case "settings":
      return `${instruction.menu}: ${instruction.entry}`;
  }
}
