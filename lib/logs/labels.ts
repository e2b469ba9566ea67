/** What processes are called in front of their lines. */
import { printable } from "../protocol/printable.ts";

/** The end of a default label; the last one where a command has such words itself. */
const DIRECTORY = / in \/(?!.* in \/).*$/s;

/**
 * A short name for each label, different for each, by which the process can still be named in a
 * request: without the directory that a default label ends in (`npm run dev in /srv/app`), where
 * that is enough to tell them apart; else the label itself.
 */
export function shortLabels(labels: Iterable<string>): Map<string, string> {
  const distinct = [...new Set(labels)];
  const names = distinct.map((label) => printable(label.replace(DIRECTORY, "") || label));
  return new Map(distinct.map((label, index) => {
    const name = names[index] ?? label;
    return [label, names.filter((other) => other === name).length === 1 ? name : printable(label)];
  }));
}

/** The same for a label that has to be told apart from no other. */
export function shortLabel(label: string): string {
  return shortLabels([label]).get(label) ?? label;
}
