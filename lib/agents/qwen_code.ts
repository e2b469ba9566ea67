import { likeGeminiCli } from "./gemini_cli.ts";

/** Qwen Code, a fork of Gemini CLI: https://qwenlm.github.io/qwen-code-docs */
export const qwenCode = likeGeminiCli({ name: "Qwen Code", id: "qwen-code" }, "qwen");
