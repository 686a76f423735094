/** Tells one sequence of tokens from another: FNV-1a over their bytes, once forward and once with another basis, 64 bits in hex. */
export function fingerprint(tokens: Int32Array): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (const token of tokens) {
    for (let shift = 0; shift < 32; shift += 8) {
      const byte = (token >>> shift) & 0xff;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x01000193) ^ (low >>> 16);
    }
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
