/** Some of a sequence of items: the first, and the one after the last. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Splits `count` items into at most `parts` non-empty ranges, the longer ones first. */
export const splitEvenly = (count: number, parts: number): Range[] =>
  Array.from({ length: Math.min(count, parts) }, (_, i) => rangeOf(count, parts, i));

/** Range i of {@link splitEvenly}; an empty one beyond the last. */
export function rangeOf(count: number, parts: number, i: number): Range {
  const ranges = Math.min(count, parts);
  const boundary = (j: number) => Math.ceil((Math.min(j, ranges) * count) / ranges);
  return { start: boundary(i), end: boundary(i + 1) };
}

/** The most items in a range. */
export const longest = (count: number, parts: number): number => rangeOf(count, parts, 0).end;
