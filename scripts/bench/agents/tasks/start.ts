/** Start the dev server and know when it answers, and where. */
import { found, PATIENCE_SECONDS, type Task } from "../task.ts";

export const start: Task = {
  name: "start, and wait until it is ready",
  facts: ({ webPort }) => [String(webPort)],

  async persistproc(session, { web, environment }) {
    // As in the tool's own example.
    const wait_for = { port: "any", fail_pattern: "[Ee]rror" };
    const answer = await session.call("ctrl", { action: "start", ...web, environment, wait_for });
    return found(JSON.parse(answer).wait.line, /:(\d+)/g);
  },

  async original(session, { web, environment }) {
    await session.call("ctrl", { action: "start", ...web, environment });
    for (;;) {
      // It cannot wait, so ask until the server says that it listens.
      await session.pause(PATIENCE_SECONDS);
      const answer = await session.call("output", { command_or_label: web.label });
      const port = found(answer, /http:\/\/127\.0\.0\.1:(\d+)/g);
      if (port.length > 0) return port;
    }
  },
};
