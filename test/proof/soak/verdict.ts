import type { Sample } from "./gauges.js";

/** What has to stay as it was, and by how much a gauge may rise: a share of it, and an amount. */
const LIMITS: readonly (readonly [name: keyof Sample, share: number, amount: number])[] = [
  ["rss", 0.05, 8],
  ["heap", 0.05, 4],
  ["external", 0.05, 4],
  ["wasm", 0, 1],
  ["memories", 0, 1],
  ["addresses", 0, 11],
  ["handles", 0, 1],
  ["threads", 0, 1],
];
/** The first samples see the engine compile what runs often. */
const WARM_UP = 0.2;

/** The value that half of the samples do not exceed. */
export function median(samples: readonly Sample[], name: keyof Sample): number {
  const values = samples.map((sample) => sample[name]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** A gauge at the start, after the warm-up, and at the end, and whether it has grown. */
export interface Growth {
  readonly name: keyof Sample;
  readonly first: number;
  readonly last: number;
  readonly hasGrown: boolean;
}

/** Compares the second fifth of the samples with the last. */
export function growths(samples: readonly Sample[]): Growth[] {
  const fifth = Math.max(1, Math.floor(samples.length * WARM_UP));
  const [early, late] = [samples.slice(fifth, 2 * fifth), samples.slice(-fifth)];
  return LIMITS.map(([name, share, amount]) => {
    const [first, last] = [median(early, name), median(late, name)];
    return { name, first, last, hasGrown: last > first * (1 + share) + amount };
  });
}
