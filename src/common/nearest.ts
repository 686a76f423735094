/**
 * The name most likely meant by a misspelt one: what Keras or brain.js call so, or the name at the smallest edit distance
 * (Levenshtein 1966), or the one with these initials, as lr is learningRate. Undefined if none is close.
 */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  // Computing edit distances to a very long name would take too long.
  if (wrong.length > LONGEST) return undefined;
  const wanted = plain(wrong);
  const ours = Object.hasOwn(ELSEWHERE, wanted) ? names.find((name) => plain(name) === ELSEWHERE[wanted]) : undefined;
  if (ours !== undefined) return ours;
  let best: string | undefined;
  let fewest = Math.floor(Math.max(2, wanted.length / 2.5)) + 1;
  for (const name of names) {
    // If several names have these initials, the shortest.
    const edits = initials(name) === wanted ? name.length / 1000 : distance(wanted, plain(name));
    if (edits < fewest) [best, fewest] = [name, edits];
  }
  return best ?? names.find((name) => wanted.length > 2 && plain(name).includes(wanted));
}

/** Names of other libraries, and ours: all in lower case. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  earlystopping: "patience",
  hiddenlayers: "hiddensize",
  iterations: "epochs",
  length: "maxtokens",
  units: "hiddensize",
  validationsplit: "validationfraction",
};

/** Options of other libraries that are none here, and what to write. */
export const INSTEAD: Readonly<Record<string, string>> = {
  log: "for await (const report of train(…))",
  stateful: "use createStream",
};

/** Longest misspelt name, in UTF-16 units. */
const LONGEST = 100;

/** Ignores differences between camel case, dashes and underscores. */
const plain = (name: string): string => name.replace(/[-_]/g, "").toLowerCase();

const initials = (name: string): string =>
  name
    .split(/[-_]|(?=[A-Z])/)
    .map((word) => word.charAt(0))
    .join("")
    .toLowerCase();

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
