/** Which of the agents on this machine are connected, and whether to something that is there. */
import { dirname } from "@std/path";
import { type Agent, type Configuration, connect } from "../../agents/agent.ts";
import { AGENTS } from "../../agents/index.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import { configurationPath, readEntry } from "../configure/configure.ts";
import { isObject } from "../configure/edit.ts";
import { httpEndpoint } from "../configure/endpoint.ts";
import { isOnPath } from "../path_search.ts";
import { type Check, fine, type Surroundings } from "./check.ts";
import { statOf } from "./data_directory.ts";

const CHECK = "agents";

/** How an agent stands to us: connected, not so, or so that something has to be done. */
type Connection = { kind: "HTTP" | "stdio" | "none" } | { kind: "wrong"; check: Check };

/** Looks into the user's configuration of each agent that is installed. */
export async function checkAgents({ settings, os }: Surroundings): Promise<Check[]> {
  const { environment } = settings;
  const home = environment["HOME"];
  if (!home?.startsWith("/")) return [];
  const endpoint = await httpEndpoint(settings);
  const problems: Check[] = [];
  const connected: string[] = [];
  const others: Agent[] = [];
  for (const agent of AGENTS) {
    const { configuration } = agent;
    const path = configuration &&
      configurationPath(configuration, { home, project: null, environment, os });
    if (!configuration || !path) continue;
    if (!await isInstalled(agent, path, home, environment["PATH"] ?? "")) continue;
    const connection = await connectionOf(agent, configuration, path, endpoint);
    if (connection.kind === "wrong") problems.push(connection.check);
    else if (connection.kind === "none") others.push(agent);
    else connected.push(`${agent.name} (${connection.kind})`);
  }
  const summary = connected.length === 0
    ? []
    : [fine(CHECK, `Connected: ${connected.join(", ")}.`)];
  return [...summary, ...problems, ...notConnected(others, summary.length + problems.length > 0)];
}

function notConnected(agents: readonly Agent[], isAnyOther: boolean): Check[] {
  if (agents.length === 0) {
    return isAnyOther ? [] : [fine(CHECK, "None of those that are known is installed here.")];
  }
  const names = agents.map(({ name }) => name).join(", ");
  return [{
    check: CHECK,
    state: isAnyOther ? "ok" : "warning",
    finding: `Not connected: ${names}.`,
    advice: `persistproc agents --install ${
      agents.length === 1
        ? agents[0]?.id
        : `NAME, NAME being ${agents.map(({ id }) => id).join(", ")}`
    }`,
  }];
}

/** Its program is on PATH, or it has left files where it keeps its configuration. */
async function isInstalled(
  agent: Agent,
  path: string,
  home: string,
  searchPath: string,
): Promise<boolean> {
  const directory = dirname(path);
  if (await statOf(directory === home ? path : directory) !== null) return true;
  const instruction = connect(agent, { kind: "http", url: "" });
  return instruction.kind === "command" &&
    isOnPath(instruction.line.split(" ", 1)[0] ?? "", searchPath);
}

async function connectionOf(
  agent: Agent,
  configuration: Configuration,
  path: string,
  { url, token }: { url: string; token?: string },
): Promise<Connection> {
  const wrong = (state: Check["state"], finding: string, advice: string): Connection => ({
    kind: "wrong",
    check: { check: agent.name, state, finding, advice },
  });
  let entry: unknown;
  try {
    entry = await readEntry(configuration, path);
  } catch (error) {
    if (!(error instanceof PersistprocError)) throw error;
    return wrong("warning", error.message, `Correct ${path} by hand.`);
  }
  if (entry === null || entry === undefined) return { kind: "none" };
  const install = `persistproc agents --install ${agent.id}`;
  const words = textsOf(entry);
  const asked = words.find((word) => /^https?:\/\//.test(word));
  if (asked !== undefined) {
    if (asked.replace(/\/$/, "") !== url) {
      return wrong("warning", `It asks ${asked}, but the server is at ${url}.`, install);
    }
    if (token === undefined || words.some((word) => word.includes(token))) return { kind: "HTTP" };
    return wrong("broken", "It does not have the token, which the server asks for.", install);
  }
  const program = words.find((word) => word.startsWith("/"));
  if (program === undefined || await statOf(program) !== null) return { kind: "stdio" };
  return wrong("broken", `It starts ${program}, which is not there.`, `${install} --stdio`);
}

/** All texts in a value, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
}
