/** What a tool is: its description for models, its parameters, and what it does. */
import type {
  CallToolResult,
  ServerContext as CallContext,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from "@modelcontextprotocol/server";
import * as z from "zod/v4";
import { PersistprocError } from "../../protocol/errors.ts";
import type { Caller } from "../../protocol/process.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { describeIssues } from "../issues.ts";
import type { ServerFacts } from "../server_process.ts";

/** The part of the supervisor that tools reach. */
export type ToolProcesses = Pick<
  Supervisor,
  "ctrl" | "list" | "runs" | "history" | "historyOf" | "location" | "wait"
>;

/** What every tool works with. */
export interface ToolContext {
  processes: ToolProcesses;
  server: ServerFacts;
}

/** What a tool may know of the request that calls it. */
export interface ToolRequest {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Gives a sign of life; null when the caller did not ask for any. */
  progress: ((progress: number, message: string) => void) | null;
}

/** A tool as the protocol names it. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  inputSchema: StandardSchemaWithJSON;
  outputSchema?: StandardSchemaWithJSON;
  annotations: Required<Omit<ToolAnnotations, "title">>;
  /** Never throws anything that is not a bug, but for {@linkcode PersistprocError}. */
  call(
    input: unknown,
    caller: Caller,
    context: ToolContext,
    request: ToolRequest,
  ): Promise<CallToolResult>;
}

export type { CallContext };

/**
 * A schema as it is advertised, converted once. It accepts everything: input is checked by
 * {@linkcode parseInput}, whose errors are sentences, and output by the compiler.
 */
export function advertise(schema: z.ZodType, io: "input" | "output"): StandardSchemaWithJSON {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      // The bounds of a double say nothing to a model.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // In JSON they are never anything else.
      delete jsonSchema.propertyNames;
    },
  });
  return {
    "~standard": {
      version: 1,
      vendor: "persistproc",
      validate: (value) => ({ value }),
      jsonSchema: { input: () => json, output: () => json },
    },
  };
}

/**
 * The parameters of a call. Numbers and booleans may come as strings, and null stands for a
 * parameter that was left out, unless null means something to it.
 *
 * @throws {PersistprocError} `invalid_request`, with what is wrong and the parameters there are.
 */
export function parseInput<T extends z.ZodObject>(schema: T, input: unknown): z.output<T> {
  const lenient = input == null ? {} : unquoteAll(schema, input);
  const parsed = schema.safeParse(lenient);
  if (parsed.success) return parsed.data;
  throw new PersistprocError("invalid_request", describeIssues(parsed.error.issues, lenient), {
    hint: hintOf(schema, parsed.error.issues[0]?.path ?? []),
  });
}

/** The parameters that there are, next to where the first problem is. */
function hintOf(schema: z.ZodObject, path: readonly PropertyKey[]): string {
  const name = String(path[0]);
  const inner = schema.shape[name] && objectOf(schema.shape[name]);
  return inner && inner !== schema
    ? `Parameters of ${name}: ${Object.keys(inner.shape).join(", ")}.`
    : `Parameters: ${Object.keys(schema.shape).join(", ")}.`;
}

function unquoteAll(schema: z.ZodObject, input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) => {
      const field = schema.shape[name];
      if (field === undefined || accepts(field, value)) return [[name, value]];
      return value === null ? [] : [[name, unquote(field, value)]];
    }),
  );
}

function accepts(field: z.core.$ZodType, value: unknown): boolean {
  return z.safeParse(field, value).success;
}

/** The number, boolean or object in a string, if the parameter takes one; the same in an object. */
function unquote(field: z.core.$ZodType, value: unknown): unknown {
  const inner = objectOf(field);
  if (inner) return unquoteAll(inner, typeof value === "string" ? fromJson(value) : value);
  if (typeof value !== "string" || !/^(-?\d+(\.\d+)?|true|false)$/.test(value.trim())) return value;
  const plain = JSON.parse(value);
  return accepts(field, plain) ? plain : value;
}

/** The object that a parameter takes, if it takes one with named fields. */
function objectOf(field: z.core.$ZodType): z.ZodObject | null {
  let inner = field;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap();
  return inner instanceof z.ZodObject ? inner : null;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
