/** The tool `list`: which processes there are. */
import * as z from "zod/v4";
import { listServer } from "../server_process.ts";
import { absoluteDirectory, nothingIn } from "./directory.ts";
import { processSchema } from "./process_schema.ts";
import { facts } from "./result.ts";
import { advertise, parseInput, type Tool } from "./tool.ts";

const input = z.strictObject({
  pid: z.int().min(0).optional().describe("0 is the persistproc server itself"),
  command_or_label: z.string().optional().describe("A label or a command line, exactly"),
  working_directory: z.string().optional(),
  running_only: z.boolean().optional().describe("Leave out what has ended"),
});

const output = z.object({ processes: z.array(processSchema), note: z.string().optional() });

export const list: Tool = {
  name: "list",
  title: "List processes",
  description:
    "Lists the shared processes, running and ended: pid, label, command, status, why it is in that " +
    "state (reason: also who holds a port that it wanted), exit code, who started it, the ports " +
    "and URLs it serves, CPU, memory, log files. All filters given must match. Call it before you " +
    "start anything.\n" +
    'Example: {"working_directory":"/home/me/shop","running_only":true}',
  inputSchema: advertise(input, "input"),
  outputSchema: advertise(output, "output"),
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  async call(raw, _caller, { processes, server }) {
    const { working_directory, ...given } = parseInput(input, raw);
    const directory = absoluteDirectory(working_directory);
    const request = directory === undefined ? given : { ...given, working_directory: directory };
    const found = request.pid === 0 ? listServer(server, request) : await processes.list(request);
    const note = directory !== undefined && found.length === 0
      ? { note: await nothingIn(directory, processes) }
      : {};
    return facts(output.parse({ processes: found, ...note }));
  },
};
