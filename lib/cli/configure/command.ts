/** `agents --install` and `--remove`: plans the change, shows it, makes it. */
import type { Agent, Endpoint } from "../../agents/agent.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import type { Settings } from "../settings.ts";
import { printNote, printResult } from "../terminal/write.ts";
import { applyChange, planChange } from "./configure.ts";
import { unifiedDiff } from "./diff.ts";

/** Connects an agent to an endpoint, or disconnects it for null; returns the exit status. */
export async function changeAgent(
  agent: Agent,
  endpoint: Endpoint | null,
  { environment, directory }: Settings,
  options: { dryRun: boolean; project: boolean },
): Promise<number> {
  const home = environment["HOME"];
  if (!home?.startsWith("/")) {
    throw new PersistprocError("invalid_request", "HOME does not say where your files are.");
  }
  const change = await planChange(agent, endpoint, {
    home,
    project: options.project ? directory : null,
    environment,
    os: Deno.build.os,
  });
  const { path, before, after } = change;
  if (after === (before ?? "")) {
    await printNote(
      endpoint === null
        ? `${agent.name} is not connected by ${path}: nothing to do.\n`
        : `${agent.name} is connected by ${path} already: nothing to do.\n`,
    );
    return 0;
  }
  await printResult(unifiedDiff(path, before ?? "", after));
  if (options.dryRun) {
    await printNote(`Nothing was changed: --dry-run.\n`);
    return 0;
  }
  const copy = await applyChange(change);
  await printNote(
    `${agent.name} is ${endpoint === null ? "disconnected" : "connected"}: ${path}${
      copy === null ? "" : `, as it was in ${copy}`
    }. Start ${agent.name} again to make it notice.\n`,
  );
  if (endpoint?.kind === "http" && endpoint.token !== undefined) {
    await printNote(
      `${path} holds your token now: never commit it, and let nobody else read it (chmod 600). ` +
        "--stdio needs none.\n",
    );
  }
  return 0;
}
