/** The programs of the system that are asked for what Deno cannot tell, and what is lost without. */
import { findScript, SCRIPT_PACKAGES } from "../../system/script.ts";
import { isOnPath } from "../path_search.ts";
import { type Check, type CheckState, fine, type Surroundings } from "./check.ts";

/** What the lack of a program means. */
interface Lack {
  state: CheckState;
  lost: string;
  advice: string | null;
}

const PORTS = "Ports and URLs of processes are unknown, and who connects to the server.";
const STOPPING = "No process can be told from another one, so none can be stopped.";
const COREUTILS = "Install coreutils or busybox.";

/** What Linux has, or should have. */
const LINUX: Readonly<Record<string, Lack>> = {
  cat: { state: "broken", lost: STOPPING, advice: COREUTILS },
  grep: {
    state: "warning",
    lost: "A process that has left its group and session is not found by `stop`.",
    advice: "Install grep.",
  },
  ps: {
    state: "warning",
    lost: "Ctrl+C in `run` asks nothing, and who holds a port has no name.",
    advice: "Install procps.",
  },
  ss: {
    state: "ok",
    lost: "Ports are read from /proc instead, which takes longer.",
    advice: "Install iproute2.",
  },
  lsof: {
    state: "ok",
    lost: "Nothing, as it is asked only where there is neither ss nor /proc.",
    advice: null,
  },
  fallocate: {
    state: "warning",
    lost: "A run is stopped for the moment in which its log is shortened.",
    advice: "Install util-linux.",
  },
};

/** What macOS has. */
const MAC: Readonly<Record<string, Lack>> = {
  ps: { state: "broken", lost: STOPPING, advice: "Put /bin on PATH." },
  lsof: { state: "broken", lost: PORTS, advice: "Put /usr/sbin on PATH." },
};

const EVERYWHERE: Readonly<Record<string, Lack>> = {
  script: {
    state: "warning",
    lost: "There is no `--pty`.",
    advice: `Install ${SCRIPT_PACKAGES}.`,
  },
  stty: {
    state: "warning",
    lost: "`run` cannot show what has a terminal of its own.",
    advice: COREUTILS,
  },
  dd: { state: "warning", lost: "Ctrl+C in `run` takes no answer.", advice: COREUTILS },
};

/** Looks for each program that is used here. */
export function checkPrograms({ settings, os }: Surroundings): Check[] {
  const path = settings.environment["PATH"] ?? "";
  const isThere = (name: string) =>
    name === "script" ? findScript({ os }) !== null : isOnPath(name, path);
  const used = Object.entries({ ...os === "linux" ? LINUX : MAC, ...EVERYWHERE });
  const there = used.filter(([name]) => isThere(name)).map(([name]) => name);
  return [
    fine("programs", `${there.join(", ") || "none"}: there.`),
    ...used.filter(([name]) => !isThere(name)).map(([name, { state, lost, advice }]): Check => ({
      check: name,
      state,
      finding: `It is not on PATH. ${lost}`,
      advice,
    })),
  ];
}
