/** Some of a sequence of items: the first, and the one after the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The i-th of at most `parts` non-empty ranges that `count` items are split into evenly; an empty one beyond the last. */
export function rangeOf(count: number, parts: number, i: number): Range {
  const ranges = Math.min(count, parts);
  const boundary = (j: number) => Math.ceil((Math.min(j, ranges) * count) / ranges);
  return { start: boundary(i), end: boundary(i + 1) };
}

/** The most items in a range. */
export const longest = (count: number, parts: number): number => rangeOf(count, parts, 0).end;
