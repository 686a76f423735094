let state = 1;

/** Uniform in [0, 1), the same sequence in every process: Mulberry32 (Tommy Ettinger, public domain), seeded with 1. */
export function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/** An index, drawn with its probability. */
export function draw(probabilities) {
  let remaining = random();
  const index = probabilities.findIndex((probability) => {
    remaining -= probability;
    return remaining < 0;
  });
  return Math.max(0, index);
}
