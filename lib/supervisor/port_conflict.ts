/** Who holds the port that a program could not have, and what would free it. Frees nothing itself. */
import { cleanLine } from "../logs/clean.ts";
import type { Listener } from "../system/listeners.ts";
import { processFacts } from "../system/process_facts.ts";
import { type AddressInUse, portsOfCommand } from "./address_in_use.ts";
import type { Core } from "./core.ts";
import type { Members } from "./membership.ts";
import { currentRun, runId } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";

/** What is known of the machine when a complaint is explained. */
export interface Surroundings {
  listeners: readonly Listener[];
  members: Members;
  /** Its program has ended: whatever of its own still listens was left behind. */
  ended: boolean;
}

/**
 * Says who holds the port of a complaint. For a process that lives on it is null when nobody else
 * holds that port now: then the complaint is a thing of the past.
 */
export async function explainConflict(
  core: Core,
  process: ManagedProcess,
  complaint: AddressInUse,
  surroundings: Surroundings,
): Promise<string | null> {
  const { record } = process;
  const { listeners, members, ended } = surroundings;
  const own = new Set<number | null>(
    ended ? [] : members.get(runId(record, currentRun(record)))?.map(({ pid }) => pid),
  );
  const holderOf = (port: number) =>
    listeners.filter((listener) => listener.port === port && !own.has(listener.pid))
      .toSorted((a, b) => Number(a.pid === null) - Number(b.pid === null))[0];
  const hasIt = (port: number) => listeners.some((one) => one.port === port && own.has(one.pid));
  const { port, nearby } = complaint;
  if (port !== null) {
    if (hasIt(port)) return null;
    const holder = holderOf(port);
    if (holder) {
      return `port ${port} is held by ${await describeHolder(core, process, holder, surroundings)}`;
    }
    return ended ? `port ${port} was in use; nobody is seen to listen on it now` : null;
  }
  // Without a word about which port it was, only one that somebody does hold can have been meant.
  for (const guess of [...nearby, ...portsOfCommand(record.command, record.environment)]) {
    if (hasIt(guess)) return null;
    const holder = holderOf(guess);
    if (holder === undefined) continue;
    const who = await describeHolder(core, process, holder, surroundings);
    return `its port, probably ${guess}, is held by ${who}`;
  }
  return null;
}

async function describeHolder(
  core: Core,
  process: ManagedProcess,
  holder: Listener,
  { members, ended }: Surroundings,
): Promise<string> {
  const { pid, port } = holder;
  if (pid === null) {
    return "a process of another user, which persistproc did not start; to see it: " +
      `sudo ss -ltnp 'sport = :${port}'`;
  }
  if (pid === Deno.pid) return `the persistproc server itself (PID ${pid})`;
  const ours = core.registry.all().find(({ record }) =>
    members.get(runId(record, currentRun(record)))?.some((member) => member.pid === pid)
  );
  if (ours) {
    const { record } = ours;
    const run = currentRun(record);
    const live = ours.live && !(ours === process && ended);
    const state = live ? "" : ", left behind by a program that has ended";
    return `${JSON.stringify(record.label)} (PID ${pid}${state}), started by ${run.started_by}; ` +
      `to free it: persistproc stop ${run.pid ?? pid}`;
  }
  const [facts, { marks }] = await Promise.all([processFacts(pid), core.table.scan()]);
  const mark = marks.get(pid);
  const earlier = core.registry.all().find(({ record }) => mark?.startsWith(`${record.id}-`));
  const what = facts === null ? "" : ` (${
    cleanLine([
      facts.command,
      facts.directory === null ? "" : ` in ${facts.directory}`,
      `, user ${facts.user}`,
    ].join(""))
  })`;
  const whose = earlier
    ? `left over from an earlier run of ${JSON.stringify(earlier.record.label)}`
    : "which persistproc did not start";
  return `PID ${pid}${what}, ${whose}; to free it: kill ${pid}`;
}
