/** Signals by name and by number (signal(7)). */

const LINUX_SIGNALS = ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM " +
  "STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");
const DARWIN_SIGNALS = ("HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG " +
  "STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2").split(" ");

const NAMES = Deno.build.os === "darwin" ? DARWIN_SIGNALS : LINUX_SIGNALS;

/** SIGRTMIN as programs know it: the C library keeps the first two for itself. */
const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;

/** The name of a signal, such as `SIGTERM` or `SIGRTMIN+1`; null for a number that is none. */
export function signalName(number: number): string | null {
  const name = NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  if (number <= NAMES.length || number > LAST_REAL_TIME) return null;
  const offset = number - FIRST_REAL_TIME;
  return `SIGRTMIN${offset < 0 ? offset : `+${offset}`}`;
}

/** The number of a signal's name; null for one that is none. */
export function signalNumber(name: string): number | null {
  const realTime = /^SIGRTMIN([+-]\d+)$/.exec(name);
  if (realTime) return FIRST_REAL_TIME + Number(realTime[1]);
  return NAMES.indexOf(name.replace(/^SIG/, "")) + 1 || null;
}
