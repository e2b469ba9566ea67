/** What a model is told before it has seen the tools. */

/** The first 512 characters stand alone: some clients show no more of it. */
export const INSTRUCTIONS =
  "persistproc runs dev servers, watchers and other long-running commands so that you, other " +
  "agents and the person share them. Call `list` before you start anything: it may run already. " +
  "Start it with `ctrl` (action start, absolute working_directory), read what it prints with " +
  "`output`, restart or stop it with `ctrl`. Do not run such commands in the background of your " +
  "own shell: nobody else would see them, and they end with your session.\n\n" +
  "Let `wait_for` of `ctrl` and `output` wait for a port, a line or silence; do not sleep and ask " +
  "again. The last line of `output` names a cursor: with it, you get only what came since.\n\n" +
  "Processes outlive your session and keep their logs after they end: `output` still explains a " +
  "crash. Name a process by its label; a PID changes with every restart. Do not stop what " +
  "somebody else started without being asked to.";
