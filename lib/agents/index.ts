/** The agents, those that most people use first. */
import type { Agent } from "./agent.ts";
import { amp } from "./amp.ts";
import { claudeCode } from "./claude_code.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { copilotCli } from "./copilot_cli.ts";
import { cursor } from "./cursor.ts";
import { geminiCli } from "./gemini_cli.ts";
import { goose } from "./goose.ts";
import { jetbrains } from "./jetbrains.ts";
import { opencode } from "./opencode.ts";
import { qwenCode } from "./qwen_code.ts";
import { vsCode } from "./vs_code.ts";
import { windsurf } from "./windsurf.ts";
import { zed } from "./zed.ts";

/** Every agent whose configuration is known, in the order of the banner. */
export const AGENTS: readonly Agent[] = [
  claudeCode,
  cursor,
  geminiCli,
  codex,
  vsCode,
  copilotCli,
  opencode,
  qwenCode,
  cline,
  amp,
  zed,
  windsurf,
  jetbrains,
  goose,
];
