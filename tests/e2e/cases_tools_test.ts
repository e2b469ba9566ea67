/** The original's cases about the tools (docs/compatibility.md), each under its number. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Workspace } from "../support/workspace.ts";

/** What the original's tools took; each is still taken. */
const PARAMETERS: Record<string, string[]> = {
  ctrl: "action pid command_or_label working_directory environment force label".split(" "),
  list: "pid command_or_label working_directory".split(" "),
  output: "stream lines before_time since_time pid command_or_label working_directory".split(" "),
};

Deno.test("the tools, case by case", async (t) => {
  await using workspace = await Workspace.create();
  await workspace.serve(["-q"]);
  await using agent = await workspace.agent();
  const here = { working_directory: workspace.directory };
  const start = async (command_or_label: string, more: Record<string, unknown> = {}) => {
    const answer = await agent.call("ctrl", {
      action: "start",
      command_or_label,
      ...here,
      ...more,
    });
    assert(answer.structured, answer.text);
    return answer.structured;
  };
  const list = async (filter: Record<string, unknown> = {}) =>
    (await agent.call("list", filter)).structured?.processes as Record<string, unknown>[];
  const refused = async (parameters: Record<string, unknown>) => {
    const { isError, text } = await agent.call("ctrl", parameters);
    assert(isError, text);
    assertEquals(/\n\s+at |Traceback/.test(text), false, text);
    return text;
  };

  await t.step("K58 there are exactly three tools, with the parameters they had", async () => {
    const tools = await agent.tools();
    assertEquals(tools.map(({ name }) => name).sort(), ["ctrl", "list", "output"]);
    for (const { name, inputSchema } of tools) {
      const { properties } = inputSchema as { properties: Record<string, unknown> };
      const missing = PARAMETERS[name]?.filter((parameter) => !(parameter in properties));
      assertEquals(missing, [], name);
    }
  });

  await t.step("K60 a start without command or directory names what is missing", async () => {
    const noCommand = await refused({ action: "start", ...here });
    assertStringIncludes(noCommand, "command_or_label");
    const noDirectory = await refused({ action: "start", command_or_label: "sleep 1" });
    assertStringIncludes(noDirectory, "working_directory");
    assertEquals(await list(), []);
  });

  await t.step("K59 a start tells PID, label and logs, and the list has it", async () => {
    const { pid, label, log_stdout, log_stderr } = await start("sleep 1001");
    assert(Number(pid) > 0);
    assertEquals(label, `sleep 1001 in ${workspace.directory}`);
    for (const log of [log_stdout, log_stderr]) assert((await Deno.stat(String(log))).isFile);
    const [entry] = await list({ pid });
    assertEquals([entry?.status, entry?.command], ["running", ["sleep", "1001"]]);
  });

  await t.step("K63 what runs is not started twice; another's label is refused", async () => {
    const { pid } = await start("sleep 1002", { label: "mine" });
    const again = await start("sleep 1002", { label: "mine" });
    assertEquals([again.already_running, again.pid], [true, pid]);
    const taken = await refused({
      ...{ action: "start", command_or_label: "sleep 1003", label: "mine" },
      ...here,
    });
    for (const words of ['"mine"', "already running", String(pid)]) {
      assertStringIncludes(taken, words);
    }
    assertEquals((await list({ pid }))[0]?.status, "running");
  });

  await t.step("K64 an unknown action is named, with those there are", async () => {
    const text = await refused({ action: "pause", pid: 1 });
    for (const word of ["action", "start", "stop", "restart"]) assertStringIncludes(text, word);
  });

  await t.step("K65 a stop of nothing says what must be provided", async () => {
    assertStringIncludes(await refused({ action: "stop" }), "must be provided");
  });

  await t.step("K67 a filter that nothing matches gives an empty list", async () => {
    assertEquals(await list({ pid: 9999999 }), []);
    assertEquals(await list({ command_or_label: "no such thing" }), []);
  });

  await t.step("K68 K69 labels and commands are found, and nothing else", async () => {
    await Deno.mkdir(workspace.path("other"));
    const a = await start("sleep 1004", { label: "first" });
    const b = await start("sleep 1004", { working_directory: workspace.path("other") });
    const pids = async (command_or_label: string) =>
      (await list({ command_or_label })).map(({ pid }) => pid);
    assertEquals(await pids("first"), [a.pid]);
    assertEquals(await pids("sleep 1004"), [a.pid, b.pid]);
    const stopped = await agent.call("ctrl", { action: "stop", command_or_label: "first" });
    assertEquals(stopped.structured?.pid, a.pid);
    const unknown = await refused({ action: "stop", label: "second" });
    assertMatch(unknown, /No running process found.*second/);
  });

  await t.step("K71 a log that is gone is empty, and no error", async () => {
    const { pid, log_stdout } = await start("sh -c 'echo gone; exec sleep 1005'", {
      wait_for: { pattern: "gone" },
    });
    await Deno.remove(String(log_stdout));
    const { isError, text } = await agent.call("output", { pid });
    assertEquals([isError, /^-- 0 lines/.test(text)], [false, true], text);
  });

  await t.step("K72 two lines come back in their order", async () => {
    await start("sh -c 'echo one; echo two'", { label: "two lines", wait_for: { exit: true } });
    const { text } = await agent.call("output", { command_or_label: "two lines" });
    assert(text.startsWith("one\ntwo\n"), text);
  });

  await t.step("F73 what cannot be done is an error, with the candidates", async () => {
    const { isError, text } = await agent.call("ctrl", { action: "restart", label: "mien" });
    assertEquals(isError, true);
    assertStringIncludes(text, "mine");
  });

  await t.step("F74 an empty command and unbalanced quotes are one sentence each", async () => {
    assertStringIncludes(
      await refused({ action: "start", command_or_label: "  ", ...here }),
      "empty",
    );
    const quote = await refused({ action: "start", command_or_label: "echo 'a", ...here });
    assertStringIncludes(quote, "quote");
  });

  await t.step("F75 an environment of anything but strings is refused by name", async () => {
    const environment = { GOOD: "1", BAD: { a: 1 } };
    const text = await refused({ action: "start", command_or_label: "env", ...here, environment });
    assertStringIncludes(text, "BAD");
    assertEquals(await list({ command_or_label: "env" }), []);
  });
});
