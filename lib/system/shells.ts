/**
 * Which shell stands in front of a program, and what must go around it, so that the program's
 * environment is byte for byte the one that was asked for.
 */
import { isFileSync } from "./files.ts";

/** What the scripts have to know of a shell; one that is none of them is taken for dash. */
export type ShellKind = "dash" | "bash" | "busybox";

/** A shell and the words that put back what it would change in the environment. */
export interface Shell {
  /** The shell's path. */
  path: string;
  kind: ShellKind;
  /** bash is run with `-p`: it reads no BASH_ENV and imports no functions. */
  options: string[];
  /** The environment that the shell itself is started with. */
  environment: Record<string, string>;
  /** `env NAME=value …`, put in front of the program; empty when nothing needs it. */
  prefix: string[];
}

/** The shells that this system has; null where there is none of the kind. */
export interface Shells {
  dash: string | null;
  bash: string | null;
  /** `/bin/sh`, where that is busybox and there is no other. */
  busybox: string | null;
}

// A shell gives these their own values at its start, whatever the environment says.
const SET_BY_EVERY_SHELL = ["IFS", "OPTIND", "PPID"];
const SET: Record<ShellKind, readonly string[]> = {
  dash: [],
  bash: [
    ...["COMP_WORDBREAKS", "DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME"],
    ...["GROUPS", "HISTCMD", "LINENO", "OLDPWD", "OPTERR", "PS1", "PS2", "PS4", "RANDOM"],
    ...["SECONDS", "SHELLOPTS", "SHLVL", "SRANDOM", "UID", "_"],
  ],
  busybox: ["SHLVL"],
};
// On a terminal bash sets these to the size of that, and complains of a locale that is not there.
const SET_BY_BASH_ON_TERMINAL = /^(COLUMNS|LINES|LANG|LC_\w+)$/;
// And these are added where there were none.
const ADDED: Record<ShellKind, readonly string[]> = {
  dash: [],
  bash: ["SHLVL", "_"],
  busybox: ["SHLVL", "PATH"],
};

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Chooses the shell for an environment.
 *
 * dash is smaller (1.7 MB) and changes least, but drops variables whose names are no identifiers,
 * such as `npm_config_x-y` or exported bash functions; bash passes them on. Where there is no bash
 * they are lost: what `env` sets is in the process table, which every user can read. So only what
 * the shells themselves would change is set that way, which is no secret.
 */
export function chooseShell(
  program: string,
  environment: Readonly<Record<string, string>>,
  shells: Shells,
  { terminal = false } = {},
): Shell {
  const names = Object.keys(environment);
  const odd = names.filter((name) => !IDENTIFIER.test(name));
  const bash = shells.bash !== null && (odd.length > 0 || shells.dash === null);
  const kind = bash ? "bash" : shells.dash === null && shells.busybox !== null ? "busybox" : "dash";
  const changed = new Set([...SET_BY_EVERY_SHELL, ...SET[kind]]);
  const isChanged = (name: string) =>
    changed.has(name) ||
    (bash && (/^BASH\w*$/.test(name) || (terminal && SET_BY_BASH_ON_TERMINAL.test(name))));
  const moved = names.filter(isChanged);
  const kept = names.filter((name) => !isChanged(name) && (bash || IDENTIFIER.test(name)));
  const added = ADDED[kind].filter((name) => !(name in environment));
  const changes = [
    ...added.flatMap((name) => ["-u", name]),
    ...moved.map((name) => `${name}=${environment[name] ?? ""}`),
  ];
  return {
    path: (bash ? shells.bash : shells.dash) ?? shells.busybox ?? "/bin/sh",
    kind,
    options: bash ? ["-p"] : [],
    environment: Object.fromEntries(kept.map((name) => [name, environment[name] ?? ""])),
    // `env` would take such a program for one more assignment, or for an option.
    prefix: changes.length === 0 || /^-|=/.test(program) ? [] : ["/usr/bin/env", ...changes],
  };
}

/** The shells of this system. */
export function systemShells(): Shells {
  const first = (paths: string[]) => paths.find(isFileSync) ?? null;
  const bash = first(["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]);
  const dash = first(["/bin/dash", "/usr/bin/dash"]);
  return { bash, dash, busybox: bash === null && dash === null ? busyboxAt("/bin/sh") : null };
}

/** The path, if it leads to busybox, which goes by the name that it is called by. */
function busyboxAt(path: string): string | null {
  try {
    return /\/busybox[^/]*$/.test(Deno.realPathSync(path)) ? path : null;
  } catch {
    return null;
  }
}
