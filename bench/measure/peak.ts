import { readFile } from "node:fs/promises";
import type { Backend } from "#lstm/kernels/kernels.js";

/** A backend whose peak can be measured. */
export type Vectorized = Exclude<Backend, "javascript">;

export const isVectorized = (backend: Backend): backend is Vectorized => backend !== "javascript";

/** The kernel of `ceiling.ts`, built as one backend is. */
export interface CeilingKernel {
  /** Floating-point operations per run. */
  readonly flops: number;
  run(): void;
}

/** A run takes microseconds: an engine may leave a longer loop in its baseline compiler's code. */
const ROUNDS = 10_000;

export async function loadCeilingKernel(backend: Vectorized): Promise<CeilingKernel> {
  const bytes = await readFile(new URL(`../../ceiling-${backend}.wasm`, import.meta.url));
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
