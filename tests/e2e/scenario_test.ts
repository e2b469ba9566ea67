/** What persistproc is for: four real programs, a person at terminals, and an agent. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasNpm, installPackages } from "../support/npm.ts";
import { getPage } from "../support/page.ts";
import { until } from "../support/until.ts";
import { freePort, Workspace } from "../support/workspace.ts";

const PACKAGES = ["vite@8.3.8", "tailwindcss@4.3.5", "@tailwindcss/cli@4.3.5", "typescript@7.0.2"];

const MAIN = `import { greeting } from "./greeting.ts";\ndocument.body.append(greeting);\n`;
const STYLE = `@import "tailwindcss";\n.title { @apply text-xl; }\n`;
const API = `import { createServer } from "node:http";
createServer((request, response) => {
  if (request.url === "/broken") console.error("api: GET /broken failed: no database");
  response.end("ok");
}).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("api: listening"));
`;

async function makeProject(workspace: Workspace): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] },
    ...{ module: "esnext", moduleResolution: "bundler" },
  };
  const files: Record<string, string> = {
    "package.json": JSON.stringify({ type: "module" }),
    "tsconfig.json": JSON.stringify({ compilerOptions, include: ["src"] }),
    "index.html": `<body><script type="module" src="/src/main.ts"></script></body>`,
    "src/main.ts": MAIN,
    "src/greeting.ts": `export const greeting: string = "hello";\n`,
    "style.css": STYLE,
    "api.js": API,
  };
  for (const [path, text] of Object.entries(files)) await workspace.write(path, text);
  await installPackages(workspace, ...PACKAGES);
}

Deno.test({
  name: "Vite, Tailwind, tsc and an API server at once, shared by a person and an agent",
  ignore: !await hasNpm(),
  fn: scenario,
});

async function scenario() {
  await using workspace = await Workspace.create();
  await makeProject(workspace);
  const [vitePort, apiPort] = [freePort(), freePort()];
  const bin = (name: string) => `node_modules/.bin/${name}`;

  // A person starts two of them; the first command starts the server, too.
  const vite = workspace.spawn([
    ...["run", "--label", "vite", bin("vite"), "--host", "127.0.0.1", "--port", `${vitePort}`],
    ...["--strictPort", "--clearScreen", "false"],
  ]);
  await vite.waitFor("ready in");
  const tailwind = workspace.spawn([
    ...["run", "--label", "tailwind", bin("tailwindcss"), "-i", "style.css", "-o"],
    ...["dist/style.css", "--watch"],
  ]);
  // An agent starts the other two.
  const agent = await workspace.agent({ name: "helper" });
  const start = async (label: string, command_or_label: string) => {
    const working_directory = workspace.directory;
    const request = { action: "start", label, command_or_label, working_directory };
    const { isError, text } = await agent.call("ctrl", request);
    assert(!isError, text);
  };
  await start("tsc", `${bin("tsc")} --watch --preserveWatchOutput`);
  await start("api", `node api.js ${apiPort}`);

  /** Waits until `output` without a target shows something to the agent; meanwhile, does that. */
  const shows = (words: string, meanwhile = () => Promise.resolve()) =>
    until(async () => {
      await meanwhile();
      const { text } = await agent.call("output", {
        ...{ working_directory: workspace.directory, lines: 400, max_characters: 30_000 },
      });
      return text.includes(words);
    }, { what: () => `${words} of all four; ${vite.describe()} ${tailwind.describe()}` });
  /** Saves a file, and again every other second: a watcher may only just have begun. */
  const edit = async (path: string, text: string, words: string) => {
    let due = 0;
    await shows(words, async () => {
      if (performance.now() < due) return;
      due = performance.now() + 2_000;
      await workspace.write(path, text);
    });
  };
  /** Waits until Vite answers so to the request for the edited module. */
  const answers = (status: number, what: string) =>
    until(
      async () => (await getPage(`http://127.0.0.1:${vitePort}/src/main.ts`))?.status === status,
      { what },
    );
  await shows("Found 0 errors");
  await shows("api: listening");
  await tailwind.waitFor("Done in", { stream: "stderr" });
  await answers(200, "the page");

  // One edit breaks the build, in turn for each of those who build; then a request fails.
  await edit("src/main.ts", MAIN.replace("./greeting.ts", "./missing.ts"), "error TS2307");
  await answers(500, "Vite's refusal of the page");
  await shows("Failed to resolve import");
  await edit("style.css", STYLE.replace("text-xl", "no-such-class"), "unknown utility class");
  assertEquals((await getPage(`http://127.0.0.1:${apiPort}/broken`))?.status, 200);
  await shows("GET /broken failed");

  // A person asks, without a target: all four, merged by time.
  const shown = await workspace.run(["output", "--lines", "400", "--timestamps"]);
  assertEquals(shown.code, 0);
  const lines = shown.stdout.trimEnd().split("\n").filter((line) => /^\d{4}-/.test(line));
  const times = lines.map((line) => line.split(" ")[0] ?? "");
  assertEquals(times, times.toSorted());
  const at = (label: string, words: string) => {
    const found = lines.findIndex((line) => line.includes(`[${label}]`) && line.includes(words));
    assert(found >= 0, `no "${words}" of ${label} in\n${shown.stdout}`);
    return found;
  };
  const tscError = at("tsc", "error TS2307");
  const viteError = at("vite", "Failed to resolve import");
  const tailwindError = at("tailwind", "unknown utility class");
  const apiError = at("api", "GET /broken failed");
  assert(Math.max(tscError, viteError) < tailwindError && tailwindError < apiError, shown.stdout);

  // The agent mends it and restarts one of the person's; the person's terminal follows.
  await workspace.write("src/main.ts", MAIN);
  await workspace.write("style.css", STYLE);
  const restarted = await agent.call("ctrl", { action: "restart", label: "vite" });
  assertEquals(restarted.isError, false, restarted.text);
  await until(() => vite.stdout.split("ready in").length === 3, {
    what: () => `the second run in ${vite.describe()}`,
  });
  assertStringIncludes(vite.stderr, `restarted by helper (PID ${restarted.structured?.pid})`);
  await answers(200, "the page, after the restart");
  assertEquals(vite.ended, null);

  // Everybody hears of the end, and nothing is left.
  const down = await workspace.run(["shutdown"]);
  assertEquals(down.code, 0, down.stderr);
  await Promise.all([vite.end(), tailwind.end()]);
  const left = async () => (await workspace.running()).length;
  await until(async () => await left() === 0, { what: "the end of everything" });
  for (const port of [vitePort, apiPort, workspace.port]) {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  }
}
