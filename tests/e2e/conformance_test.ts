/** The official conformance suite, against the running program, on the wires of both eras. */
import { assertEquals } from "@std/assert";
import { resolve } from "@std/path";
import { projectDirectory } from "../support/program.ts";
import { Workspace } from "../support/workspace.ts";

const LEGACY = "2025-11-25";
const MODERN = "2026-07-28";

/** What can be asked of any server, and so is asked of this one. */
const APPLICABLE: Record<string, readonly string[]> = {
  [LEGACY]: [
    "server-initialize",
    "ping",
    "tools-list",
    "dns-rebinding-protection",
    "server-session-lifecycle",
  ],
  [MODERN]: [
    "tools-list",
    "dns-rebinding-protection",
    "http-header-validation",
    "server-sse-multiple-streams",
    "input-required-result-unsupported-methods",
    "input-required-result-validate-input",
    "server-stateless",
  ],
};

/** Of `server-stateless`: what only tools made for the suite can show. */
const NOT_TESTABLE = [
  "sep-2575-server-rejects-undeclared-capability",
  "sep-2575-missing-capability-http-400",
  "sep-2575-http-server-no-independent-requests-on-stream",
  "sep-2575-server-no-log-without-loglevel",
];

/** All others, by name, and why they do not apply. A trailing `*` stands for any ending. */
const NOT_APPLICABLE: Record<string, readonly string[]> = {
  "it is for sessions, of which this server has none": [
    `server-sse-multiple-streams ${LEGACY}`,
    `server-sse-polling ${LEGACY}`,
  ],
  "it needs a tool, resource or prompt made for the suite": [
    "tools-call-*",
    "json-schema-2020-12",
    "elicitation-*",
    "input-required-result-basic-*",
    "input-required-result-request-state",
    "input-required-result-multiple-input-requests",
    "input-required-result-multi-round",
    "input-required-result-missing-input-response",
    "input-required-result-non-tool-request",
    "input-required-result-result-type",
    "input-required-result-tampered-state",
    "input-required-result-capability-check",
    "input-required-result-ignore-extra-params",
    "http-custom-header-server-validation",
  ],
  "it is about resources, prompts, completions or logging, which this server does not have": [
    "resources-*",
    "sep-2164-resource-not-found",
    "prompts-*",
    "completion-complete",
    "logging-set-level",
    `caching ${MODERN}`,
  ],
  "it is about an extension of the protocol": ["tasks-*", "sep-2640-skills-*"],
};

async function conformance(args: readonly string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "--config",
      resolve(projectDirectory, "deno.json"),
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-net=127.0.0.1,localhost",
      resolve(projectDirectory, "tests/support/conformance.ts"),
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

function applies(scenario: string, wire: string): boolean {
  return APPLICABLE[wire]?.includes(scenario) ?? false;
}

function isListed(scenario: string, wire: string): boolean {
  return Object.values(NOT_APPLICABLE).flat().some((pattern) =>
    pattern.endsWith("*")
      ? scenario.startsWith(pattern.slice(0, -1))
      : pattern === scenario || pattern === `${scenario} ${wire}`
  );
}

Deno.test("every scenario of the conformance suite is run, or named as not applicable", async () => {
  const { text } = await conformance(["list", "--server"]);
  const scenarios = [...text.matchAll(/^ {2}- (\S+) \[(.*)\]$/gm)]
    .map(([, name = "", wires = ""]) => ({ name, wires: wires.split(",") }));
  const wrong: string[] = [];
  for (const { name, wires } of scenarios) {
    for (const wire of wires.filter((wire) => wire in APPLICABLE || wire === "extension")) {
      if (applies(name, wire) === isListed(name, wire)) wrong.push(`${name} ${wire}`);
    }
  }
  assertEquals(wrong, []);
  const known = scenarios.map(({ name }) => name);
  const asked = Object.values(APPLICABLE).flat();
  assertEquals(asked.filter((name) => !known.includes(name)), []);
});

for (const [wire, scenarios] of Object.entries(APPLICABLE)) {
  Deno.test(`the program conforms to the protocol of ${wire}`, async (t) => {
    await using workspace = await Workspace.create();
    await workspace.serve();
    const baseline = await workspace.write(
      "not-testable.yml",
      `server:\n${NOT_TESTABLE.map((check) => `  - server-stateless:${check}\n`).join("")}`,
    );
    for (const scenario of scenarios) {
      await t.step(scenario, async () => {
        const { code, text } = await conformance([
          "server",
          "--url",
          workspace.url,
          "--scenario",
          scenario,
          "--spec-version",
          wire,
          "--expected-failures",
          baseline,
        ]);
        assertEquals([code, /is not applicable at/.test(text)], [0, false], text);
      });
    }
  });
}
