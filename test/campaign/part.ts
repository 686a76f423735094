import { Random } from "#lstm/common/random.js";

/** What a part of the campaign has come to. */
export interface Outcome {
  /** What was tried, in words: `250 configurations, 2500 stops`. */
  readonly tried: string;
  /** What went wrong, each with what is needed to repeat it. */
  readonly failures: readonly string[];
  /** What was left out, and why. */
  readonly skipped?: string;
}

/** How a part is run. */
export interface Scope {
  readonly seed: number;
  readonly count: number;
  /** Whether the part's time is over. */
  isOver(): boolean;
}

/** Draws what a part tries. */
export class Draw {
  private readonly random: Random;

  constructor(seed: number, index: number) {
    // Each case can be repeated without those before it.
    this.random = new Random((seed * 1_000_003 + index) % 2 ** 32);
  }

  /** A whole number from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.random.uniform() * (most - least + 1));
  }

  number(least: number, most: number): number {
    return least + this.random.uniform() * (most - least);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  /** About normally distributed: twelve uniform numbers, of which each has a variance of one twelfth. */
  normals(length: number, deviation = 1): Float32Array {
    return Float32Array.from({ length }, () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += this.random.uniform();
      return sum * deviation;
    });
  }

  integers(length: number, below: number): number[] {
    return Array.from({ length }, () => this.integer(0, below - 1));
  }

  /** A generator of its own. */
  generator(): Random {
    return new Random(this.random.next());
  }
}

/** An error and what it came from, in one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.name}: ${error.message.slice(0, 300)}${cause}`;
}
