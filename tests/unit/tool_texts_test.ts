import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TOOLS } from "../../lib/mcp/handler.ts";
import { INSTRUCTIONS } from "../../lib/mcp/instructions.ts";
import type { Tool } from "../../lib/mcp/tools/tool.ts";
import { countTokens } from "../support/tokens.ts";

/** What a model is told of a tool's parameters, as JSON Schema. */
function schemaOf({ inputSchema }: Tool): Record<string, unknown> {
  return inputSchema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
}

/** Every description in a schema, however deep. */
function descriptions(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) =>
    name === "description" && typeof value === "string" ? [value] : descriptions(value)
  );
}

/** The calls that a description shows. */
function examples({ description }: Tool): Record<string, unknown>[] {
  return [...description.matchAll(/: (\{.*\})$/gm)].map(([, json = ""]) => JSON.parse(json));
}

Deno.test("all that a model is told takes less than 1,200 tokens", () => {
  const texts = TOOLS.flatMap((tool) => [tool.description, ...descriptions(schemaOf(tool))]);
  const tokens = countTokens([INSTRUCTIONS, ...texts].join("\n"));
  assert(tokens < 1_200, `${tokens} tokens`);
});

Deno.test("the first 512 characters of the instructions stand alone and name every tool", () => {
  const [first = ""] = INSTRUCTIONS.split("\n\n");
  assert(first.length <= 512 && first.endsWith("."), `${first.length} characters`);
  for (const { name } of TOOLS) assertStringIncludes(first, `\`${name}\``);
});

Deno.test("every tool shows a call, and each call that is shown could be made", () => {
  for (const tool of TOOLS) {
    const { properties, required = [] } = schemaOf(tool) as {
      properties: Record<string, unknown>;
      required?: string[];
    };
    assert(examples(tool).length > 0, tool.name);
    for (const example of examples(tool)) {
      const unknown = Object.keys(example).filter((name) => !(name in properties));
      const missing = required.filter((name) => !(name in example));
      assertEquals([unknown, missing], [[], []], `${tool.name} ${JSON.stringify(example)}`);
    }
  }
});
