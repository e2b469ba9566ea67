/** `agents --install` and `--remove`: plans the change, shows it, makes it. */
import type { Agent, Endpoint } from "../../agents/agent.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import type { Settings } from "../settings.ts";
import { printNote, printResult } from "../terminal/write.ts";
import { applyChange, planChange, withoutTokens } from "./configure.ts";
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
  const token = endpoint?.kind === "http" ? endpoint.token : undefined;
  if (options.project && token !== undefined) {
    throw new PersistprocError(
      "invalid_request",
      "A project's own file is for everybody who works on it, and would hold your token.",
      { hint: `Without one: persistproc agents --install ${agent.id} --project --stdio` },
    );
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
  await printResult(withoutTokens(unifiedDiff(path, before ?? "", after)));
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
  if (token !== undefined) {
    await printNote(
      `${path} holds your token now, and nobody else can read it: never commit it. ` +
        "--stdio needs none.\n",
    );
  }
  return 0;
}
