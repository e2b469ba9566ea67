/**
 * The keeper: a shell that leads a run's session and process group, gives the program its files,
 * waits for it and writes down how it ended. It outlives the server, so that exit codes are exact
 * also for runs that ended while no server lived.
 *
 * Both scripts work in dash, bash and busybox; but where the kernel does not know a binary's format,
 * busybox reads it as a script, so that it "exits" with 127 instead of being refused. They assign no
 * variable, because a variable that the environment holds would reach the program changed; what they
 * need is in positional parameters.
 */
import { EXIT_FILE } from "../logs/run_files.ts";
import type { ShellKind } from "../system/shells.ts";

/** The signals that a shell outlives which waits for a program. */
export const CATCH_SIGNALS = "trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM";

/** What the file `exit` holds until it says how the program ended: as many bytes as it may need. */
export const NO_STATUS = " ".repeat(15) + "\n";

/**
 * Writes the status of the last command to a file of the run directory, which is `$1`. What the file
 * holds is written over, not replaced: a disk that is full by then has no room but that.
 */
export const writeStatus = (file: string): string => `
set -- "$1" $?
if [ -s "$1/unstarted" ]; then echo "$2 unstarted"
elif [ -s "$1/keeper" ]; then echo "$2 signal"
else echo "$2"
fi 1<>"$1/${file}"
`;

/**
 * Parameters: run directory, path of the program's stdin (empty: make a FIFO), the shell, its option
 * or nothing, the inner script, then the program and its arguments.
 *
 * - Signals are caught, not ignored: the keeper survives what is sent to the group, and the program
 *   starts with the default actions.
 * - The FIFO is opened for reading and writing, so that the program never sees its end. It has a
 *   directory of its own: Deno opens what its watcher of a directory reports, and a FIFO that
 *   nobody holds would block the watcher, and with it the server, for ever.
 * - The shell reports a child that a signal ended on its own stderr (but for SIGINT and SIGPIPE):
 *   the only way to tell `exit 143` from SIGTERM. That goes to the file `keeper`, never to the logs.
 */
export const KEEPER_SCRIPT = `
${CATCH_SIGNALS}
exec 2>>"$1/keeper" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
case $2 in
'') command -p mkfifo -m 600 "$1/input/stdin" && exec 0<>"$1/input/stdin" ;;
*) exec 0<"$2" ;;
esac
if [ "$4" = -p ]; then "$3" -p -c "$5" "$@"; else "$3" -c "$5" "$@"; fi
${writeStatus(EXIT_FILE)}`;

/** The first words of a shell that becomes the program; `$0` is the run directory. */
export const WRITE_PID = `
: >"$0/keeper"
(IFS= read -r PERSISTPROC_STAT </proc/$$/stat
printf '%s\\n%s\\n' $$ "$PERSISTPROC_STAT" >"$0/pid") 2>/dev/null`;

/** Its last words, but for redirections. */
export const becomeProgram = (shell: ShellKind): string =>
  `trap 'echo >"$0/unstarted"' EXIT
exec ${shell === "dash" ? "" : "-- "}"$@"`;

/**
 * The inner shell, which becomes the program. `$0` is the run directory.
 *
 * - Its PID is the program's; it writes it down with the kernel's facts on it, then says so.
 * - The trap runs only when `exec` fails; the file tells that apart from a program's own 127.
 * - dash takes the word after `exec` for the program; the others need `--` before one like `-x`.
 * - `keeper` is emptied because a shell may have complained there at its start (locale).
 */
export const innerScript = (shell: ShellKind): string =>
  `${WRITE_PID}
echo
shift 4
${becomeProgram(shell)} >>"$0/stdout.log" 2>>"$0/stderr.log"
`;
