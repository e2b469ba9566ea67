/** Ending all members of a run: SIGTERM, patience, SIGKILL, and knowing that nobody is left. */
import type { Survivor } from "../protocol/requests.ts";
import type { ProcessEntry, ProcessTable } from "../system/process_table.ts";
import { commandLines } from "../system/process_facts.ts";
import type { Signals } from "../system/signals.ts";
import type { Clock } from "./core.ts";

/** How a run is to be ended. */
export interface TerminateOptions {
  signals: Signals;
  table: ProcessTable;
  clock: Clock;
  /** Its living members now. */
  members: () => Promise<ProcessEntry[]>;
  /** The process group of its program; null when it has none any more. */
  group: number | null;
  /** The session of its program's terminal; null when it has none. */
  terminal: number | null;
  /**
   * A group that ends by itself when the program has, and gets SIGKILL only: `script`, which answers
   * SIGTERM by ending the program in its own way.
   */
  spared: number | null;
  /** Milliseconds between SIGTERM and SIGKILL; 0 sends SIGKILL at once. */
  grace: number;
  /** Aborted when somebody does not want to wait for the grace period. */
  impatience: AbortSignal;
  /** Called when SIGKILL is sent. */
  onKill: () => void;
}

/** Milliseconds that the kernel gets to end what was sent SIGKILL. */
const KILL_PATIENCE = 5_000;
/** Milliseconds after which a shell that lives on is told again. */
const HANGUP_INTERVAL = 1_000;
const FIRST_WAIT = 2;
const LONGEST_WAIT = 50;
/** A group of zombies that nobody reaps still exists: every so often the whole table is read. */
const TURNS_PER_LOOK = 7;

/** Ends every member of a run; returns those that could not be ended, and why. */
export async function terminateRun(options: TerminateOptions): Promise<Survivor[]> {
  const { grace, impatience, onKill } = options;
  // The tree is read before the first signal: a parent that is gone names no children.
  let left = await options.members();
  if (left.length > 0 && grace > 0 && !impatience.aborted) {
    left = await endWith("SIGTERM", left, { ...options, patience: grace });
  }
  if (left.length === 0) return [];
  onKill();
  const never = new AbortController().signal;
  left = await endWith("SIGKILL", left, {
    ...options,
    impatience: never,
    patience: KILL_PATIENCE,
  });
  return await describeSurvivors(left, options);
}

/**
 * Signals the members, and those that appear meanwhile, until none is left or time is over. The
 * program's group gets SIGTERM once: what appears in it later was started to clean up, and gets
 * nothing but SIGKILL.
 */
async function endWith(
  signal: "SIGTERM" | "SIGKILL",
  members: ProcessEntry[],
  options: TerminateOptions & { patience: number },
): Promise<ProcessEntry[]> {
  const { clock, impatience, patience } = options;
  const signalled = new Set<string>();
  const hangupDue = new Map<string, number>();
  const end = clock.now() + patience;
  const hurried = aborted(impatience);
  let left = members;
  let groupTold = false;
  for (let turn = 1;; turn++) {
    const meant = left.filter((entry) =>
      signalled.has(nameOf(entry)) || !(groupTold && entry.group === options.group)
    );
    const fresh = meant.filter((entry) => !signalled.has(nameOf(entry)));
    // Before the signal: what ignores it only since it has come, is about to end.
    const typedIn = signal === "SIGTERM" && turn % TURNS_PER_LOOK === 1
      ? await findTypedIn(meant, hangupDue, options)
      : [];
    await send(signal, fresh, options);
    for (const pid of typedIn) options.signals.process(pid, "SIGHUP");
    for (const entry of fresh) signalled.add(nameOf(entry));
    groupTold ||= signal === "SIGTERM" && fresh.some((entry) => entry.group === options.group);
    const rest = end - clock.now();
    if (impatience.aborted || rest <= 0) return left;
    const wait = Math.min(FIRST_WAIT * 2 ** (turn - 1), LONGEST_WAIT, rest);
    await Promise.race([clock.after(wait), hurried]);
    if (turn % TURNS_PER_LOOK !== 0 && await someRemain(left, options)) continue;
    left = await options.members();
    if (left.length === 0) return [];
  }
}

/** Whether a cheap look already shows that it is too early to read the whole process table. */
async function someRemain(
  members: readonly ProcessEntry[],
  { signals, table, group }: TerminateOptions,
): Promise<boolean> {
  if (group !== null && signals.groupExists(group)) return true;
  const outside = await asTheyAre(members.filter((entry) => entry.group !== group), table);
  return outside.some(({ zombie }) => !zombie);
}

/** Those processes as they are now, without any whose PID names another one by now. */
async function asTheyAre(
  entries: readonly ProcessEntry[],
  table: ProcessTable,
): Promise<ProcessEntry[]> {
  const now = await table.lookup(entries.map(({ pid }) => pid));
  return entries.flatMap(({ pid, started }) => {
    const entry = now.get(pid);
    return entry?.started === started ? entry : [];
  });
}

/**
 * Signals processes: the group by one call, which no fork can escape, and each one outside by
 * itself, right after its identity was checked once more.
 */
async function send(
  signal: "SIGTERM" | "SIGKILL",
  members: readonly ProcessEntry[],
  { signals, table, group, spared }: TerminateOptions,
): Promise<void> {
  const meant = signal === "SIGKILL" ? members : members.filter((entry) => entry.group !== spared);
  if (meant.length === 0) return;
  const same = await asTheyAre(meant, table);
  const [inside, outside] = [
    same.filter((entry) => entry.group === group),
    same.filter((entry) => entry.group !== group),
  ];
  if (group !== null && inside.length > 0) {
    signals.group(group, signal);
    // A stopped process would see SIGTERM only once somebody continues it.
    if (signal === "SIGTERM") signals.group(group, "SIGCONT");
  }
  for (const { pid } of outside) {
    signals.process(pid, signal);
    if (signal === "SIGTERM") signals.process(pid, "SIGCONT");
  }
}

/**
 * The PIDs of those on the terminal that ignore SIGTERM, as a shell does that somebody types in; it
 * ends when its terminal is closed: SIGHUP. Who catches SIGTERM is left to end by that, which many
 * use to clean up, also when they ignore it meanwhile. All others are looked for more than once:
 * while bash forks, it holds SIGTERM back with its default action, and drops it then. And bash only
 * takes note of a SIGHUP that comes while it makes ready to read a line (readline's `rl_getc` looks
 * for one, and then waits), until the next one.
 *
 * @param hangupDue When each is to be looked at again, by the clock; filled here.
 */
async function findTypedIn(
  members: readonly ProcessEntry[],
  hangupDue: Map<string, number>,
  { table, terminal, clock }: TerminateOptions,
): Promise<number[]> {
  const due = members.filter((entry) =>
    entry.session === terminal && (hangupDue.get(nameOf(entry)) ?? 0) <= clock.now()
  );
  const now = await asTheyAre(due, table);
  for (const entry of now) {
    if (entry.ignoresTerm) hangupDue.set(nameOf(entry), clock.now() + HANGUP_INTERVAL);
    else if (entry.catchesTerm) hangupDue.set(nameOf(entry), Infinity);
  }
  return now.filter(({ ignoresTerm }) => ignoresTerm).map(({ pid }) => pid);
}

async function describeSurvivors(
  left: readonly ProcessEntry[],
  { signals }: TerminateOptions,
): Promise<Survivor[]> {
  const lines = await commandLines(left.map(({ pid }) => pid));
  return left.map(({ pid, command }) => ({
    pid,
    command: lines.get(pid) ?? command,
    why: signals.process(pid, "SIGKILL")
      ? "it did not end on SIGKILL: the kernel is still busy with it"
      : "it belongs to another user and may not be signalled",
  }));
}

const nameOf = ({ pid, started }: ProcessEntry) => `${pid} ${started}`;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
