/** Signals that end us, and the status that a shell would report. */
export const ENDING: readonly (readonly [Deno.Signal, number])[] = [
  ["SIGHUP", 129],
  ["SIGQUIT", 131],
  ["SIGTERM", 143],
];
