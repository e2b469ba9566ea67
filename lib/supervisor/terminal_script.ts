/**
 * The keeper of a program that has a terminal: `script` stands between the two and makes it.
 *
 * ```text
 * keeper ── script ═ terminal ═ leader ── program
 * ```
 *
 * The keeper gives `script` the FIFO and the log instead of the program. The leader, a shell that
 * leads the session and the process group on the terminal, is to the program what the keeper is to
 * others: it waits and writes down how it ended, since the forms of `script` differ in what they
 * tell. The keeper passes that on when `script` has written the last of the output.
 */
import type { TerminalSize } from "../protocol/process.ts";
import { quoteForSh } from "../system/script.ts";
import type { Shell } from "../system/shells.ts";
import { becomeProgram, CATCH_SIGNALS, WRITE_PID, writeStatus } from "./keeper_script.ts";

/**
 * Parameters: run directory, then the command that makes the terminal.
 *
 * - Descriptor 3 is the keeper's own output, for the inner shell to say there that it is ready.
 * - Somebody may kill `script` alone. The kernel tells only the leader that the terminal is gone, so
 *   the keeper tells the others; those that go on do so until they like to end.
 */
export const TERMINAL_KEEPER_SCRIPT = `
${CATCH_SIGNALS}
exec 2>>"$1/script" 3>&1 >>"$1/stdout.log" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
command -p mkfifo -m 600 "$1/input/stdin" && exec 0<>"$1/input/stdin"
(shift; exec "$@")
unknown() { read -r PERSISTPROC_STATUS <"$1/status" && [ -z "$PERSISTPROC_STATUS" ]; }
if unknown "$1" && read -r PERSISTPROC_LEADER <"$1/terminal"; then
kill -HUP "-$PERSISTPROC_LEADER"
while unknown "$1" && kill -0 "$PERSISTPROC_LEADER"; do command -p sleep 0.1; done
fi
command -p cat "$1/status" 1<>"$1/exit"
`;

/** What the leader of a terminal needs to know. */
export interface TerminalPlan {
  runDirectory: string;
  command: readonly string[];
  /** What the program gets; the keeper's shell has another `SHELL`. */
  environment: Readonly<Record<string, string>>;
  shell: Shell;
  size: TerminalSize;
}

/** The environment that `script` needs or adds to, which the program is not to see. */
const CHANGED_FOR_SCRIPT = ["SHELL", "SCRIPT"];

/**
 * The script of the leader; a file, since a command line of `script` can hold 128 KiB only. The forms
 * of `script` make terminals with different modes and none with a size, so it sets both first.
 */
export function terminalScript(plan: TerminalPlan): string {
  const { runDirectory, command, environment, shell, size } = plan;
  const restored = CHANGED_FOR_SCRIPT.map((name) => {
    const value = environment[name];
    return value === undefined ? `unset ${name}` : `export ${name}=${quoteForSh([value])}`;
  });
  const inner = `${WRITE_PID}
exec 2>&1
echo >&3
${becomeProgram(shell.kind)} 3>&-
`;
  return `${CATCH_SIGNALS}
set -- ${quoteForSh([runDirectory])}
exec 2>>"$1/keeper"
command -p stty sane rows ${size.rows} cols ${size.columns}
(echo $$; command -p tty; command -p cat /proc/$PPID/stat) >"$1/terminal" 2>/dev/null
${restored.join("\n")}
${quoteForSh([shell.path, ...shell.options, "-c", inner, runDirectory])} ${
    quoteForSh([...shell.prefix, ...command])
  }
${writeStatus("status")}`;
}
