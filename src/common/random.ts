import { naturalLogarithm } from "./exact-math.js";

/**
 * The only source of randomness: xoshiro128** (Blackman and Vigna 2018), four 32-bit words of state, seeded with
 * SplitMix32. Uses only integer arithmetic and IEEE operations, so a seed gives the same numbers on every host.
 */
export class Random {
  /** The complete state. Copy it to save the generator; set it, or put another in its place, to restore it. */
  state: Uint32Array;

  /** @param seed an integer from 0 to 2³² − 1 */
  constructor(seed: number) {
    this.state = new Uint32Array(4);
    let word = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      word = (word + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      this.state[i] = mixed ^ (mixed >>> 16);
    }
  }

  /** An integer from 0 to 2³² − 1. */
  next(): number {
    const s = this.state;
    const s1 = s[1]!;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2]! ^= s[0]!;
    s[3]! ^= s1;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** Uniform in [0, 1), in steps of 2⁻³². */
  uniform(): number {
    return this.next() / 4_294_967_296;
  }
}

/** A standard normal number, by Marsaglia's polar method. */
export function normal(random: Random): number {
  for (;;) {
    const x = 2 * random.uniform() - 1;
    const y = 2 * random.uniform() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * naturalLogarithm(s)) / s);
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
