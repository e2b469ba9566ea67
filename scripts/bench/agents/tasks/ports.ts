/** What runs in this project, and on which ports. */
import { found, type Task } from "../task.ts";

const URL_OF_SERVER = /http:\/\/127\.0\.0\.1:(\d+)/g;

/** How long after its start a program has said on which port it listens. */
const START_MILLISECONDS = 1_000;

export const ports: Task = {
  name: "what runs here, and on which ports",
  facts: ({ webPort, apiPort }) => [`web ${webPort}`, `api ${apiPort}`, "worker none"],

  async persistproc(session, { directory }) {
    const filter = { working_directory: directory, running_only: true };
    const { processes } = JSON.parse(await session.call("list", filter));
    return processes.map(({ label, ports: [first] }: Ours) => `${label} ${first?.port ?? "none"}`);
  },

  async original(session, { directory }) {
    const { processes } = JSON.parse(await session.call("list", { working_directory: directory }));
    const learned: string[] = [];
    for (const { label, status, start_time } of processes as Theirs[]) {
      if (status !== "running") continue;
      // It does not know ports, so look for what each program has said of its own.
      const target = { command_or_label: label };
      const answer = await session.call("output", target);
      let [port] = found(answer, URL_OF_SERVER);
      if (port === undefined && JSON.parse(answer).lines_before > 100) {
        // Not in the newest 100 lines, so at the beginning.
        const before_time = new Date(Date.parse(start_time) + START_MILLISECONDS).toISOString();
        const beginning = await session.call("output", { ...target, before_time });
        [port] = found(beginning, URL_OF_SERVER);
      }
      learned.push(`${label} ${port ?? "none"}`);
    }
    return learned;
  },
};

interface Ours {
  label: string;
  ports: { port: number }[];
}

interface Theirs {
  label: string;
  status: string;
  start_time: string;
}
