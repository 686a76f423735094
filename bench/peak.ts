import { readFile } from "node:fs/promises";
import type { Backend } from "#lstm/kernels/kernels.js";

/** A build of the kernels that has a ceiling. */
export type Vectorized = Exclude<Backend, "javascript">;

export const isVectorized = (backend: Backend): backend is Vectorized => backend !== "javascript";

/** The ceiling kernel of one build: multiply-adds between registers. */
export interface Peak {
  /** Floating-point operations of one run. */
  readonly flops: number;
  run(): void;
}

/** Few enough that a run takes microseconds: an engine may leave a long loop in its slow compiler's code. */
const ROUNDS = 10_000;

export async function peakOf(backend: Vectorized): Promise<Peak> {
  const bytes = await readFile(new URL(`../ceiling-${backend}.wasm`, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const exports = instance.exports as {
    ceiling(rounds: number, factor: number, summand: number): number;
    FLOPS_PER_ROUND: WebAssembly.Global<"i32">;
  };
  return {
    flops: exports.FLOPS_PER_ROUND.value * ROUNDS,
    run: () => {
      exports.ceiling(ROUNDS, 0.999, 0.001);
    },
  };
}
