/** Connects an agent by its own configuration file, or takes the connection back. */
import { basename, dirname, join } from "@std/path";
import type { Agent, Configuration, Endpoint } from "../../agents/agent.ts";
import { PersistprocError } from "../../protocol/errors.ts";
import { CannotEdit, type Editor, editText, type Entry, isObject, valueAt } from "./edit.ts";

/** Whose file is edited. */
export interface Place {
  /** The home directory of the user. */
  home: string;
  /** Where a project's own files are, instead of the user's. */
  project: string | null;
  environment: Readonly<Record<string, string>>;
  os: typeof Deno.build.os;
}

/** A change of a file, not yet made. */
export interface PlannedChange {
  /** The file as the agent names it. */
  path: string;
  /** The file itself, where that is a link. */
  file: string;
  /** Null where there is none yet. */
  before: string | null;
  /** The same as before when nothing has to change. */
  after: string;
}

/** The path of the file that an agent reads. */
export function configurationPath(configuration: Configuration, place: Place): string | null {
  const { path, macPath, project, directoryVariable = "" } = configuration;
  if (place.project !== null) return project === undefined ? null : join(place.project, project);
  const { [directoryVariable]: directory, XDG_CONFIG_HOME: config } = place.environment;
  if (directory) return join(directory, basename(path));
  if (place.os === "darwin" && macPath !== undefined) return join(place.home, macPath.slice(2));
  const own = path.slice("~/.config/".length);
  return path.startsWith("~/.config/") && config?.startsWith("/")
    ? join(config, own)
    : join(place.home, path.slice(2));
}

/**
 * What connecting an agent (or, for null, disconnecting it) does to its file.
 *
 * @throws {PersistprocError} when there is no such file, or it cannot be edited.
 */
export async function planChange(
  agent: Agent,
  endpoint: Endpoint | null,
  place: Place,
): Promise<PlannedChange> {
  const { configuration } = agent;
  const path = configuration === null ? null : configurationPath(configuration, place);
  if (configuration === null || path === null) {
    throw new PersistprocError(
      "invalid_request",
      configuration === null
        ? `${agent.name} is connected in its settings, not by a file.`
        : `${agent.name} has no file of a project's own.`,
      { hint: `See: persistproc agents ${agent.id}` },
    );
  }
  const file = await realFile(path);
  const before = await readExactly(file);
  const editor = await editorOf(configuration);
  const edit = (text: string, value: Entry | null) =>
    editText(text, { path, key: configuration.key, editor, value });
  if (endpoint !== null) {
    const entry = mergeEntry(agent, before, endpoint, editor);
    return { path, file, before, after: edit(before ?? "", entry) };
  }
  const after = edit(before ?? "", null);
  const entry = entryIn(before, configuration.key, editor);
  // Taking the entry out leaves the section that it was in. Where that was made for it, it goes, too.
  const copy = isObject(entry) ? await readExactly(copyOf(file)) : null;
  const undone = copy !== null && isObject(entry) && tryEdit(() => edit(copy, entry)) === before;
  return { path, file, before, after: undone ? copy : after };
}

/** The edited text, or null where it cannot be edited. */
function tryEdit(edit: () => string): string | null {
  try {
    return edit();
  } catch (error) {
    if (error instanceof PersistprocError) return null;
    throw error;
  }
}

/** Where the text is kept that a file had before a change. */
function copyOf(file: string): string {
  return `${file}.before-persistproc`;
}

/**
 * What a configuration file holds for us; undefined when nothing, null when there is no file.
 *
 * @throws {PersistprocError} when it cannot be read.
 */
export async function readEntry(configuration: Configuration, path: string): Promise<unknown> {
  const text = await readExactly(await realFile(path));
  if (text === null) return null;
  try {
    return entryIn(text, configuration.key, await editorOf(configuration));
  } catch (error) {
    if (!(error instanceof CannotEdit)) throw error;
    throw new PersistprocError("invalid_request", `${path} cannot be read: ${error.message}.`);
  }
}

/** The entry in the text of a file. Throws {@linkcode CannotEdit}. */
function entryIn(text: string | null, key: readonly string[], editor: Editor): unknown {
  return valueAt(editor.parse((text ?? "").replace(/^\ufeff/, "")), key);
}

/** The file at the end of links (dotfiles often are some); for what is not there, the path. */
async function realFile(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}

/** The text of a file with everything that decoding could drop. */
async function readExactly(file: string): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    const why = error instanceof Error ? error.message : String(error);
    throw new PersistprocError("storage", `${file} cannot be read: ${why}.`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PersistprocError("invalid_request", `${file} was not changed: it is not UTF-8.`);
  }
}

async function editorOf({ syntax }: Configuration): Promise<Editor> {
  switch (syntax) {
    case "json":
      return (await import("./json.ts")).jsonEditor;
    case "toml":
      return (await import("./toml.ts")).tomlEditor;
    case "yaml":
      return (await import("./yaml.ts")).yamlEditor;
  }
}

/** The entry, with what a person has added to the one that is there, such as a timeout. */
function mergeEntry(
  agent: Agent,
  before: string | null,
  endpoint: Endpoint,
  editor: Editor,
): Entry {
  const wanted = agent.entry(endpoint);
  let there: unknown;
  try {
    there = entryIn(before, agent.configuration?.key ?? [], editor);
  } catch {
    // Editing says what is wrong with it.
    return wanted;
  }
  if (!isObject(there)) return wanted;
  const both: Endpoint[] = [
    { kind: "http", url: "", token: "" },
    { kind: "stdio", command: "", args: [] },
  ];
  const ours = new Set(both.flatMap((kind) => Object.keys(agent.entry(kind))));
  const added = Object.entries(there).filter(([name]) => !ours.has(name));
  if (endpoint.kind === "http") added.push(...ownHeaders(there, ours, wanted));
  return { ...wanted, ...Object.fromEntries(added) };
}

/** The headers that a person has added, with ours: the only objects in an entry. */
function ownHeaders(there: Entry, ours: ReadonlySet<string>, wanted: Entry): [string, Entry][] {
  return Object.entries(there).flatMap(([name, headers]) => {
    if (!ours.has(name) || !isObject(headers)) return [];
    const own = Object.entries(headers).filter(([header]) => !/^authorization$/i.test(header));
    const inWanted = wanted[name];
    if (own.length === 0) return [];
    return [[name, { ...Object.fromEntries(own), ...isObject(inWanted) ? inWanted : {} }]];
  });
}

/** What stands before a token of persistproc's, and that: one that was replaced is looked for, too. */
const TOKEN = /(Bearer )[0-9a-f]{64}\b/g;

/** A text as it can be shown, to whoever looks over a shoulder or reads a log of the terminal. */
export function withoutTokens(text: string): string {
  return text.replace(TOKEN, "$1…");
}

/**
 * Makes a change, keeping a copy of the file as it was. Where either holds the token, nobody else
 * can read them from then on.
 *
 * @returns the path of the copy; null where there was nothing to keep.
 * @throws {PersistprocError} when the file has been changed meanwhile, or cannot be written.
 */
export async function applyChange({ file, before, after }: PlannedChange): Promise<string | null> {
  if (await readExactly(file) !== before) {
    throw new PersistprocError("invalid_request", `${file} has been changed meanwhile.`, {
      hint: "Try again.",
    });
  }
  const mode = before === null ? 0o600 : (await Deno.stat(file)).mode ?? 0o600;
  const secret = [before ?? "", after].some((text) => withoutTokens(text) !== text);
  const bits = secret ? 0o700 : 0o777;
  await Deno.mkdir(dirname(file), { recursive: true });
  const copy = copyOf(file);
  try {
    if (before !== null) await writeWhole(copy, before, mode & bits);
    await writeWhole(file, after, mode & bits);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PersistprocError("storage", `${file} could not be written: ${why}.`);
  }
  return before === null ? null : copy;
}

/** Replaces a file so that its readers see the old or the new text, never a part (rename(2)). */
async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}`);
  try {
    await Deno.writeTextFile(draft, text, { createNew: true, mode: 0o600 });
    await Deno.chmod(draft, mode);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
}
