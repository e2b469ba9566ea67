/** Keeps the house in order: see "The house" in ARCHITECTURE.md. */
import { assertEquals } from "@std/assert";
import { relative } from "@std/path";
import { projectDirectory } from "../support/program.ts";

/** From the ground up: a directory imports from those before it; one line, one storey. */
const STOREYS: readonly (readonly string[])[] = [
  ["std", "agents"],
  ["protocol"],
  ["system"],
  ["logs"],
  ["supervisor"],
  ["mcp"],
  ["server"],
  ["cli"],
];

interface Import {
  target: string;
  /** The imported module is loaded with the importing one. */
  eager: boolean;
}

interface ModuleInfo {
  specifier: string;
  dependencies?: {
    code?: { specifier?: string };
    type?: { specifier?: string };
    isDynamic?: boolean;
  }[];
}

/** The program, and what the executable includes besides: modules that are loaded by their URL. */
async function roots(): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${projectDirectory}deno.json`));
  const included = String(tasks.compile.command).matchAll(/--include (\S+)/g);
  return ["main.ts", ...[...included].flatMap(([, file]) => file ?? [])];
}

/** Every module that the program can load, by path or package, and what each imports. */
async function moduleGraph(): Promise<Map<string, Import[]>> {
  const graph = new Map<string, Import[]>();
  for (const root of await roots()) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", root],
      cwd: projectDirectory,
    }).output();
    const { modules }: { modules: ModuleInfo[] } = JSON.parse(new TextDecoder().decode(stdout));
    for (const module of modules) graph.set(name(module.specifier), importsOf(module));
  }
  return graph;
}

function importsOf({ dependencies = [] }: ModuleInfo): Import[] {
  return dependencies.flatMap(({ code, type, isDynamic = false }) => {
    const target = code?.specifier ?? type?.specifier;
    return target === undefined ? [] : { target: name(target), eager: !isDynamic && !!code };
  });
}

/** `lib/logs/lines.ts` for a file of this project, else the specifier. */
function name(specifier: string): string {
  return specifier.startsWith("file:")
    ? relative(projectDirectory, decodeURIComponent(new URL(specifier).pathname))
    : specifier;
}

async function filesOf(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(`${projectDirectory}${directory}`)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) files.push(...await filesOf(path));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

/** The directory of lib that a file is in, or null for a file elsewhere. */
function directoryOf(file: string): string | null {
  return /^lib\/([^/]+)\//.exec(file)?.[1] ?? null;
}

function storeyOf(directory: string): number {
  return STOREYS.findIndex((storey) => storey.includes(directory));
}

const graph = await moduleGraph();

Deno.test("every directory of lib has its storey", async () => {
  const directories = new Set((await filesOf("lib")).map((file) => directoryOf(file) ?? file));
  assertEquals([...directories].filter((directory) => storeyOf(directory) === -1), []);
});

Deno.test("imports within lib point downwards only", () => {
  const wrong: string[] = [];
  for (const [file, imports] of graph) {
    const from = directoryOf(file);
    if (from === null) continue;
    for (const { target } of imports) {
      if (target === "main.ts" || target.startsWith("tests/")) wrong.push(`${file} -> ${target}`);
      const to = directoryOf(target);
      if (to === null || to === from) continue;
      if (storeyOf(to) >= storeyOf(from)) wrong.push(`${file} -> ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("no file of lib needs itself in order to load", () => {
  const finished = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start !== -1) cycles.push([...path.slice(start), file].join(" -> "));
    if (start !== -1 || finished.has(file)) return;
    for (const { target, eager } of graph.get(file) ?? []) {
      if (eager && directoryOf(target) !== null) visit(target, [...path, file]);
    }
    finished.add(file);
  };
  for (const file of graph.keys()) if (directoryOf(file) !== null) visit(file, []);
  assertEquals(cycles, []);
});

Deno.test("every file of lib is used by the program and is in the executable", async () => {
  const files = await filesOf("lib");
  // The tests are what asserts.
  assertEquals(files.filter((file) => !graph.has(file) && file !== "lib/std/assert.ts"), []);
});

Deno.test("no command but serve loads the server or a library of MCP", async () => {
  const heavy = /^(lib\/(server|mcp|supervisor)\/|npm:\/?(@modelcontextprotocol|zod))/;
  const loaded = new Map<string, string>();
  const load = (file: string, command: string) => {
    if (loaded.get(file) === command) return;
    loaded.set(file, command);
    for (const { target, eager } of graph.get(file) ?? []) if (eager) load(target, command);
  };
  const wrong: string[] = [];
  for (const command of ["main.ts", ...await filesOf("lib/cli/commands")]) {
    if (command === "lib/cli/commands/serve.ts") continue;
    load(command, command);
    for (const [file, by] of loaded) {
      if (by === command && heavy.test(file)) wrong.push(`${command} loads ${file}`);
    }
  }
  assertEquals(wrong, []);
});
