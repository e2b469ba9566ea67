/** What `serve` says first to a person: it fits a screen, where the lines for all agents do not. */
import { AGENTS } from "../../agents/index.ts";
import { readableWidth, wrap } from "./wrap.ts";

/**
 * How to connect agents to the server at this URL, which ends in `/mcp`.
 *
 * @param keep Ctrl+C leaves its processes running.
 */
export function formatGreeting(url: string, columns: number, keep: boolean): string {
  const width = readableWidth(columns);
  const names = AGENTS.map(({ id }) => id).join(", ");
  return [
    ...wrap(
      `persistproc serves MCP at ${url}, until Ctrl+C, which ` +
        (keep ? "leaves its processes running." : "stops its processes, too."),
      width,
    ),
    "",
    "To connect an agent:",
    "  persistproc agents --install NAME",
    ...wrap(`NAME is ${names}.`, width, { first: "  " }),
    ...wrap(
      `\`persistproc agents\` shows how by hand; any other one: Streamable HTTP at ${url}`,
      width,
    ),
    "",
    ...wrap("`persistproc --help` shows the commands, `persistproc doctor` what is wrong.", width),
    "",
  ].join("\n");
}
