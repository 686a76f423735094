import type { Kernels } from "../kernels/kernels.js";

/** Adds up the gradients of a batch's shards. */
export interface GradientReduction {
  /**
   * @param buffers byte addresses of flat buffers, one for each shard; the first receives the sum, the others are spent
   * @param length floats in each
   */
  reduce(kernels: Kernels, buffers: readonly number[], length: number): void;
}

/**
 * Adds neighbours, then neighbours of these, in a binary tree that depends on the number of shards alone:
 * ((0 + 1) + (2 + 3)) + ((4 + 5) + 6). So it does not matter who adds which pair.
 */
export const treeReduction: GradientReduction = {
  reduce(kernels, buffers, length) {
    for (let distance = 1; distance < buffers.length; distance *= 2)
      for (let i = 0; i + distance < buffers.length; i += 2 * distance)
        kernels.add(buffers[i]!, buffers[i + distance]!, length);
  },
};
