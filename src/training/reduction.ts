import type { Kernels } from "../kernels/kernels.js";

/** Sums the gradients of a batch's shards. */
export interface GradientReduction {
  /**
   * @param buffers byte addresses of flat buffers, one per shard; the first receives the sum, the others are
   *   overwritten
   * @param length floats per buffer
   */
  reduce(kernels: Kernels, buffers: readonly number[], length: number): void;
}

/**
 * Adds adjacent pairs in a binary tree that depends only on the number of shards: ((0 + 1) + (2 + 3)) + ((4 + 5) + 6).
 * So it does not matter which thread adds which pair.
 */
export const treeReduction: GradientReduction = {
  reduce(kernels, buffers, length) {
    for (let distance = 1; distance < buffers.length; distance *= 2)
      for (let i = 0; i + distance < buffers.length; i += 2 * distance)
        kernels.add(buffers[i]!, buffers[i + distance]!, length);
  },
};
