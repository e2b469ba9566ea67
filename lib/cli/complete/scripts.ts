/** The completion script of each shell, by its name. Each asks `persistproc __complete`. */
import bash from "./persistproc.bash" with { type: "text" };
import fish from "./persistproc.fish" with { type: "text" };
import zsh from "./persistproc.zsh" with { type: "text" };

/** By the name of the shell. */
export const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish };
