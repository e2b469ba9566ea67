/** After an edit that breaks the page: which error, in which file. */
import { MISSING_MODULE, PAGE_MODULE } from "../shop.ts";
import { found, PATIENCE_SECONDS, type Task, timeOfLast } from "../task.ts";

const ERROR = /Failed to resolve import \\?"([^"\\]+)\\?" from \\?"([^"\\]+)\\?"/g;

export const breakingEdit: Task = {
  name: "find the error after a breaking edit",
  facts: () => [MISSING_MODULE, PAGE_MODULE],
  prepare: (project) => project.open(),

  async persistproc(session, project) {
    await project.damage();
    // What the edit has led to already, and what is still to come of it.
    const answer = await session.call("output", {
      command_or_label: "web",
      since_time: "10s",
      grep: "[Ee]rror",
      wait_for: { fail_pattern: "[Ee]rror", timeout_seconds: 20 },
    });
    return found(answer, ERROR).slice(0, 2);
  },

  async original(session, project) {
    await project.damage();
    // The newest lines; then, as long as the error is not there, those after them.
    for (let part: Record<string, unknown> = { lines: 30 };;) {
      await session.pause(PATIENCE_SECONDS);
      const answer = await session.call("output", { command_or_label: "web", ...part });
      const error = found(answer, ERROR);
      if (error.length > 0) return error.slice(0, 2);
      part = { since_time: timeOfLast(answer) };
    }
  },
};
