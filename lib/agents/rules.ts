/** What a project tells its agents, in AGENTS.md, CLAUDE.md or the like. */

/** At most 650 tokens, since it is in front of a model all the time. */
export const RULES = `\
## Long-running programs: persistproc

Dev servers, watchers, databases and everything else that keeps running is run by persistproc, which
all agents and terminals of this machine share. Do not start such programs in a shell of your own,
in the background or otherwise.

- Before you start something, call \`list\`: it may run already. Starting what runs is no error and
  starts nothing (\`already_running\`).
- Start it with \`ctrl\` and wait in the same call:
  \`{"action":"start","command_or_label":"npm run dev","working_directory":"/abs/path","label":"web",
  "wait_for":{"port":"any","fail_pattern":"[Ee]rror"}}\`.
- After an edit, read what it said with \`output\`. Pass the cursor of an earlier answer to get only
  what is new, with \`wait_for\` to wait for it. Never poll, never sleep.
- To find an error, use \`output\` with \`grep\` and \`context_lines\` instead of reading everything.
- Name a process by its label. Its PID changes with every restart.
- Restart it with \`ctrl\` when its configuration or dependencies have changed. Watchers see edits of
  sources themselves.
- Ports and URLs are in \`list\`: do not guess them, do not look for them with other programs.
- Do not stop what somebody else started (\`started_by\`) unless you are asked to. Do not kill its
  PID.
- A process that has ended keeps its output: \`output\` explains a crash.

Without the tools, the same in a shell: \`persistproc list\`, \`persistproc start npm run dev\`,
\`persistproc output web\`, \`persistproc restart web\`, \`persistproc stop web\`.
`;
