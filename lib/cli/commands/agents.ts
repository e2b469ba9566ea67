/** `persistproc agents`: how each agent is connected, and doing it. */
import { type Agent, connect, type Endpoint } from "../../agents/agent.ts";
import { describeInstruction } from "../../agents/banner.ts";
import { AGENTS } from "../../agents/index.ts";
import { httpEndpoint, ownProgram } from "../configure/endpoint.ts";
import { printableJson } from "../../protocol/printable.ts";
import { nearest } from "../../protocol/suggest.ts";
import { settingsOf } from "../context.ts";
import type { Invocation } from "../parse.ts";
import type { Settings } from "../settings.ts";
import { printNote, printResult } from "../terminal/write.ts";
import { UsageError } from "../usage_error.ts";

export default async function agents(invocation: Invocation): Promise<number> {
  const { options, operands } = invocation;
  const install = options.text("install");
  const remove = options.text("remove");
  const change = install ?? remove;
  const asked = [install, remove, options.flag("rules") || undefined]
    .filter((option) => option !== undefined);
  if (asked.length > 1 || operands.length > 1 || (asked.length > 0 && operands.length > 0)) {
    throw new UsageError(
      "One agent, --install, --remove or --rules: one of them at a time.",
      "persistproc agents --help",
    );
  }
  for (const name of ["dry-run", "project", "stdio"]) {
    if (options.flag(name) && change === undefined) {
      throw new UsageError(`--${name} is for --install and --remove.`, "persistproc agents --help");
    }
  }
  const settings = settingsOf(invocation);
  if (options.flag("rules")) {
    const { RULES } = await import("../../agents/rules.ts");
    await printResult(RULES);
    return 0;
  }
  const http = await httpEndpoint(settings);
  const stdio = { kind: "stdio", ...ownProgram(settings) } as const;
  if (change === undefined) {
    await show(operands[0] === undefined ? AGENTS : [agentOf(operands[0])], http, stdio, settings);
    return 0;
  }
  const endpoint = install === undefined ? null : options.flag("stdio") ? stdio : http;
  const { changeAgent } = await import("../configure/command.ts");
  return await changeAgent(agentOf(change), endpoint, settings, {
    dryRun: options.flag("dry-run"),
    project: options.flag("project"),
  });
}

function agentOf(text: string): Agent {
  const word = text.toLowerCase().replace(/[\s_]+/g, "-");
  const agent = AGENTS.find(({ id }) => id === word);
  if (agent) return agent;
  const ids = AGENTS.map(({ id }) => id);
  // `claude` is enough where it means one of them.
  const begun = AGENTS.filter(({ id }) => id.startsWith(`${word}-`));
  if (begun.length === 1 && begun[0]) return begun[0];
  const near = nearest(word, ids);
  throw new UsageError(
    `There is no agent "${text}"; known are ${ids.join(", ")}.`,
    `persistproc agents${near === null ? "" : ` ${near}`}`,
  );
}

async function show(
  agents: readonly Agent[],
  http: Endpoint & { kind: "http" },
  stdio: Endpoint,
  settings: Settings,
): Promise<void> {
  if (settings.format === "json") {
    const facts = agents.map((agent) => ({
      name: agent.name,
      id: agent.id,
      http: connect(agent, http),
      stdio: connect(agent, stdio),
      file: agent.configuration?.path ?? null,
    }));
    await printResult(printableJson({ agents: facts }, 2) + "\n");
    return;
  }
  const blocks = agents.map((agent) =>
    [
      `${agent.name} (${agent.id})`,
      `  HTTP:  ${describeInstruction(connect(agent, http))}`,
      `  stdio: ${describeInstruction(connect(agent, stdio))}`,
      "",
    ].join("\n")
  );
  await printResult(blocks.join("\n"));
  if (http.token !== undefined) {
    await printNote(
      "\nThe server answers nobody without its token, which stands for you. Never commit a file " +
        "that holds it, and let nobody else read it. stdio needs none.\n",
    );
  }
  const installable = agents.filter(({ configuration }) => configuration !== null);
  if (installable.length === 0) return;
  await printNote(
    `\nTo let persistproc do it: persistproc agents --install ${
      agents.length === 1 ? agents[0]?.id : "NAME"
    } (--stdio for the second form)\n`,
  );
}
