import type { Sequence } from "./examples.js";

/** Identifies a sequence of tokens, or a set of examples: 64 bits in hex. */
export function fingerprint(data: Int32Array | readonly Sequence[]): string {
  const hash = new Hash();
  if (data instanceof Int32Array) hash.add(data);
  else
    for (const { inputs, targets, weight } of data)
      for (const numbers of [inputs, targets, ...(weight === 1 ? [] : [[weight]])]) {
        hash.add(Int32Array.of(numbers.length));
        hash.add(new Int32Array(Float32Array.from(numbers).buffer));
      }
  return hash.toString();
}

/** FNV-1a over bytes, in two 32-bit words with different bases, the second mixed with the first. */
class Hash {
  private low = 0x811c9dc5;
  private high = 0xcbf29ce4;

  add(words: Int32Array): void {
    let { low, high } = this;
    for (const word of words) {
      for (let shift = 0; shift < 32; shift += 8) {
        const byte = (word >>> shift) & 0xff;
        low = Math.imul(low ^ byte, 0x01000193);
        high = Math.imul(high ^ byte, 0x01000193) ^ (low >>> 16);
      }
    }
    this.low = low;
    this.high = high;
  }

  toString(): string {
    return [this.high, this.low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
