/** Ten minutes of requests to the API: which orders fail. */
import { FAILED_ORDERS } from "../shop.ts";
import { found, SPEED, type Task, timeOfLast } from "../task.ts";

const TEN_MINUTES_SECONDS = 600;
/** The longest wait there is for a client that shows progress. */
const WAIT_SECONDS = 300;
/** How soon a failure should be noticed by who has to ask for it. */
const INTERVAL_SECONDS = 30;

const FAILURE = /error: payment of order (\d+) failed/g;

export const follow: Task = {
  name: "follow a log for ten minutes",
  facts: () => FAILED_ORDERS,
  prepare: (project, agent) => project.startOthers(agent),

  async persistproc(session, project) {
    await project.sendTraffic(TEN_MINUTES_SECONDS * 1_000 / SPEED);
    const failed: string[] = [];
    let cursor: string | undefined;
    for (let left; (left = TEN_MINUTES_SECONDS / SPEED - session.seconds) > 0.1;) {
      // Each failure as it comes; the cursor so that none falls between two calls.
      const answer = await session.call("output", {
        command_or_label: "api",
        cursor,
        grep: "error",
        wait_for: { pattern: "error", timeout_seconds: Math.min(left, WAIT_SECONDS / SPEED) },
      });
      failed.push(...found(answer, FAILURE));
      [cursor] = found(answer, /cursor (\S+?)(?:,|$)/g);
    }
    return [...new Set(failed)];
  },

  async original(session, project) {
    await project.sendTraffic(TEN_MINUTES_SECONDS * 1_000 / SPEED);
    const failed: string[] = [];
    // Only what has come since the last time; to begin with, the last line tells the time.
    let since_time = timeOfLast(
      await session.call("output", { command_or_label: "api", lines: 1 }),
    );
    while (session.seconds < TEN_MINUTES_SECONDS / SPEED) {
      await session.pause(INTERVAL_SECONDS / SPEED);
      const answer = await session.call("output", {
        command_or_label: "api",
        since_time,
        lines: null,
      });
      failed.push(...found(answer, FAILURE));
      since_time = timeOfLast(answer) ?? since_time;
    }
    return [...new Set(failed)];
  },
};
