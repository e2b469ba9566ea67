/** Restart the dev server and know that the new one answers. */
import { found, PATIENCE_SECONDS, type Task } from "../task.ts";

export const restart: Task = {
  name: "restart, and make sure that it is up again",
  facts: ({ webPort }) => [String(webPort)],
  // What was broken is mended.
  prepare: async (project) => {
    await project.repair();
    await project.open();
  },

  async persistproc(session) {
    const wait_for = { port: "any", fail_pattern: "[Ee]rror" };
    const answer = await session.call("ctrl", { action: "restart", label: "web", wait_for });
    return found(JSON.parse(answer).wait.line, /:(\d+)/g);
  },

  async original(session) {
    await session.call("ctrl", { action: "restart", label: "web" });
    for (;;) {
      await session.pause(PATIENCE_SECONDS);
      // The output is that of the new run alone.
      const answer = await session.call("output", { command_or_label: "web" });
      const port = found(answer, /http:\/\/127\.0\.0\.1:(\d+)/g);
      if (port.length > 0) return port;
    }
  },
};
