/** What processes are called in front of their lines. */

/** The end of a default label; the last one where a command has such words itself. */
const DIRECTORY = / in \/(?!.* in \/).*$/s;

/**
 * A short name for each label, different for each, by which the process can still be named in a
 * request: without the directory that a default label ends in (`npm run dev in /srv/app`), where
 * that is enough to tell them apart; else the label itself.
 */
export function shortLabels(labels: Iterable<string>): Map<string, string> {
  const distinct = [...new Set(labels)];
  const names = distinct.map((label) => oneLine(label.replace(DIRECTORY, "") || label));
  return new Map(distinct.map((label, index) => {
    const name = names[index] ?? label;
    return [label, names.filter((other) => other === name).length === 1 ? name : oneLine(label)];
  }));
}

/** A command may hold newlines; in front of a line, its name must not. */
function oneLine(label: string): string {
  return label.replace(/\p{Cc}+/gu, " ");
}
