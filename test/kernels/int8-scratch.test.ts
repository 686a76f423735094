import { expect, test } from "vitest";
import { createInt8Kernels, int8Backends, padded } from "../internals/kernels.js";

/** One row, pairs, and around the 32 that are rounded at a time. */
const ROWS = [1, 2, 3, 31, 32, 33, 65];
/** Around the 16 weights that lie together. */
const INPUTS = [4, 12, 16, 20, 60];
const N = 8;
const POISON = 0x5a5a5a5a;
/** Words that are watched. */
const GUARD = 256;

test.each(int8Backends())("%s: products use as much scratch memory as they say, and no more", async (backend) => {
  const { kernels, memory, scratchBytes } = await createInt8Kernels(backend);
  memory.reserve(1 << 20);
  const words = new Int32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  for (const M of ROWS)
    for (const K of INPUTS)
      for (const digits of [1, 2]) {
        const at = [memory.base];
        for (const size of [M * K, M * N, N, 4 + 2 * N + (N * Math.ceil(K / 16) * 16) / 4])
          at.push(at.at(-1)! + Math.ceil(size / 16) * 64);
        const [x, y, b, w, scratch] = at as [number, number, number, number, number];
        const end = scratch + padded(scratchBytes.linearForward(M, N, K));
        words.fill(0, x / 4, scratch / 4);
        words.fill(POISON, scratch / 4, end / 4 + GUARD);
        floats.fill(1, x / 4, x / 4 + M * K);
        floats.fill(2, b / 4, b / 4 + N);
        words[w / 4] = digits;
        kernels.linearForward(y, x, w, b, scratch, M, N, K);
        expect(floats.subarray(y / 4, y / 4 + M * N).every((value) => value === 2)).toBe(true);
        expect(words.subarray(end / 4, end / 4 + GUARD).every((word) => word === POISON)).toBe(true);
        // A few bytes less would not do: the last row's activations lie at the end.
        if (backend === "simd" && digits === 2) expect(words[end / 4 - 1]).not.toBe(POISON);
      }
});
