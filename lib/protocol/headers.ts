/** The headers of persistproc's own requests; that of its proofs is in `proof.ts`. */

/** The version that the command line takes the server for. */
export const VERSION_HEADER = "x-persistproc-version";

/** The name of an agent, from its handshake with the stdio bridge. */
export const CLIENT_HEADER = "x-persistproc-client";
