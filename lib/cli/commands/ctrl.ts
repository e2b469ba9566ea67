/** `persistproc ctrl`: start, stop, restart and input in the form of the tool. */
import type { Invocation } from "../parse.ts";

export default async function ctrl(invocation: Invocation): Promise<number> {
  const load = {
    start: () => import("./start.ts"),
    stop: () => import("./stop.ts"),
    restart: () => import("./restart.ts"),
    input: () => import("./input.ts"),
  }[invocation.action ?? ""];
  if (!load) throw new Error("parse lets through only the actions of the table");
  return await (await load()).default(invocation);
}
