/** What the doctor has found, as a table that fits a terminal. */
import { printable } from "../../protocol/printable.ts";
import type { Check, CheckState } from "../doctor/check.ts";
import { definitions, readableWidth } from "./wrap.ts";

const TITLES = { check: "CHECK", state: "STATE" };
const GAP = "  ";

/** A row for each check; what to do stands below what was found. */
export function formatChecks(checks: readonly Check[], columns: number): string {
  const widthOf = (column: keyof typeof TITLES) =>
    Math.max(...[TITLES, ...checks].map((row) => row[column].length));
  const [checkWidth, stateWidth] = [widthOf("check"), widthOf("state")];
  const term = ({ check, state }: Pick<Check, "check"> & { state: string }) =>
    check.padEnd(checkWidth) + GAP + state.padEnd(stateWidth);
  const rows = checks.map((check): [string, string] => {
    const { finding, advice } = check;
    const lines = advice === null ? [finding] : [finding, `-> ${advice}`];
    return [term(check), lines.map(printable).join("\n")];
  });
  const table = definitions(
    [[term(TITLES), "FOUND, AND WHAT TO DO"], ...rows],
    readableWidth(columns),
  );
  return table.map((line) => `${line.trimEnd()}\n`).join("");
}

/** The worst state of all. */
export function worstState(checks: readonly Check[]): CheckState {
  const states = checks.map(({ state }) => state);
  return states.includes("broken") ? "broken" : states.includes("warning") ? "warning" : "ok";
}
