/**
 * The name that somebody most likely meant by one that does not exist: the one with the fewest edits (Levenshtein 1966), or
 * whose words begin with its letters, as lr stands for learningRate. Undefined where none is near.
 */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  // Nobody means such a name, and edits of every name in the other are counted.
  if (wrong.length > LONGEST) return undefined;
  const wanted = plain(wrong);
  let best: string | undefined;
  let fewest = Math.floor(Math.max(2, wanted.length / 2.5)) + 1;
  for (const name of names) {
    // Of several with these initials, the shortest.
    const edits = initials(name) === wanted ? name.length / 1000 : distance(wanted, plain(name));
    if (edits < fewest) [best, fewest] = [name, edits];
  }
  return best ?? names.find((name) => wanted.length > 2 && plain(name).includes(wanted));
}

/** UTF-16 units of a name that was mistyped. */
const LONGEST = 100;

/** Camel case, dashes and underscores are told apart by nobody who types from memory. */
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
