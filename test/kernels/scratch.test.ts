import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { createKernels, type KernelInstance, padded, type ScratchBytes, wasmScratch } from "../internals/kernels.js";
import { instanceOf, RUNNABLE_BUILDS } from "./instances.js";

/** One row, a few, tails of tiles, and around a block of 72 rows or 256 inner steps. */
const ROWS = [1, 2, 3, 5, 6, 8, 71, 73, 255, 257];
const WIDTHS = [4, 8, 12, 20, 60];
type Sizes = [number, number, number];
/** [M, N, K] */
const LINEAR: Sizes[] = [
  ...ROWS.flatMap((M) => WIDTHS.flatMap((N) => WIDTHS.map((K): Sizes => [M, N, K]))),
  [1, 50_000, 4], // weights of more than 512 KB
  [2, 50_000, 4],
  [1, 4, 5000],
  [3, 4, 5000],
  [3, 1028, 8],
  [5, 68, 1028], // slices of 512 inner steps
  [600, 68, 260], // a left factor of more than 131 072 floats
  [130, 68, 1028], // and slices
  [16_384, 4, 8], // a group of blocks, and more
  [16_385, 4, 8],
  [40_000, 12, 4],
];
/** [rows, V, N] */
const GATHER: Sizes[] = [1, 256, 257, 1000].flatMap((rows) =>
  [1, 5, 300].flatMap((V) => [4, 20].map((N): Sizes => [rows, V, N])),
);
/** [T, B, H] */
const LSTM: Sizes[] = [
  ...[1, 2, 5, 72, 73].flatMap((B) => [1, 2, 7].flatMap((T) => [4, 8, 12, 36].map((H): Sizes => [T, B, H]))),
  ...[1, 2, 5].flatMap((B) => [129, 257].flatMap((T) => [4, 12, 36].map((H): Sizes => [T, B, H]))),
  [8200, 2, 8], // more than a group of blocks
];

const MEMORY = 20 << 20;
/** Words of memory on either side of the scratch memory that are watched. */
const GUARD = 4096;
const POISON = -1;

/** Calls kernels on arrays full of ones, and looks at what they do to the memory around the last array, the scratch. */
class Bench {
  private readonly words: Int32Array;
  private readonly floats: Float32Array;
  private readonly start: number;

  constructor(readonly instance: KernelInstance) {
    instance.memory.reserve(MEMORY);
    this.words = new Int32Array(instance.memory.buffer);
    this.floats = new Float32Array(instance.memory.buffer);
    this.start = instance.memory.base / 4;
  }

  /**
   * @param lengths of the kernel's arrays, in floats
   * @param values of the arrays that are not to be full of ones
   * @returns the words of scratch memory that were written to, up to the last of them
   */
  run(
    kernel: keyof ScratchBytes | "linearForwardPacked",
    lengths: number[],
    sizes: readonly number[],
    scratchBytes: number,
    values: Readonly<Record<number, number>> = {},
  ): number {
    let next = this.start;
    // An array without length is one that is left out.
    const take = (length: number) => {
      next += length;
      return length === 0 ? 0 : 4 * (next - length);
    };
    const arrays = lengths.map(take);
    this.floats.fill(1, this.start, next);
    for (const [i, value] of Object.entries(values)) this.fill(arrays[Number(i)]!, lengths[Number(i)]!, value);
    const before = next;
    next += GUARD;
    const scratch = 4 * next;
    next += scratchBytes / 4;
    if (next + GUARD > this.words.length) throw new Error(`${4 * (next + GUARD)} bytes do not fit`);
    this.words.fill(POISON, before, next + GUARD);
    const { kernels } = this.instance;
    (kernels[kernel] as (...args: number[]) => void).call(kernels, ...arrays, scratch, ...sizes);
    const isUntouched = (word: number) => word === POISON;
    const around = [this.words.subarray(before, scratch / 4), this.words.subarray(next, next + GUARD)];
    expect(
      around.map((words) => words.every(isUntouched)),
      `${kernel} of ${sizes} on ${scratchBytes} bytes`,
    ).toEqual([true, true]);
    return this.words.subarray(scratch / 4, next).findLastIndex((word) => !isUntouched(word)) + 1;
  }

  private fill(address: number, length: number, value: number): void {
    this.floats.fill(value, address / 4, address / 4 + length);
  }

  linearForward([M, N, K]: Sizes, bytes = this.instance.scratchBytes.linearForward(M, N, K)): number {
    return this.run("linearForward", [M * N, M * K, K * N, N], [M, N, K], bytes);
  }

  /** With the scratch memory of linearForward. */
  linearForwardPacked([M, N, K]: Sizes): number {
    const { scratchBytes } = this.instance;
    const packed = (scratchBytes.packWeights?.(K, N) ?? 4 * K * N) / 4;
    return this.run(
      "linearForwardPacked",
      [M * N, M * K, packed, N],
      [M, N, K, 8],
      scratchBytes.linearForward(M, N, K),
    );
  }

  linearBackward([M, N, K]: Sizes, bytes = this.instance.scratchBytes.linearBackward(M, N, K)): number {
    return this.run("linearBackward", [M * K, K * N, N, M * N, M * K, K * N], [M, N, K], bytes);
  }

  gatherBackward([rows, V, N]: Sizes, bytes = this.instance.scratchBytes.gatherBackward(rows, V, N)): number {
    const lengths = [V * N, N, rows * N, padded(rows)];
    // The tokens are all 0: the bits of the float 1 are none.
    return this.run("gatherBackward", lengths, [rows, V, N], bytes, { 3: 0 });
  }

  lstmForward([T, B, H]: Sizes, bytes = this.instance.scratchBytes.lstmForward(B, H)): number {
    const states = (T + 1) * B * H;
    return this.run("lstmForward", [states, states, 4 * T * B * H, 4 * H * H, 0], [T, B, H], bytes);
  }

  lstmBackward([T, B, H]: Sizes, bytes = this.instance.scratchBytes.lstmBackward(T * B, B, H)): number {
    const states = (T + 1) * B * H;
    const lengths = [T * B * H, B * H, B * H, 4 * H * H, 4 * T * B * H, states, states, 4 * H * H, 0];
    return this.run("lstmBackward", lengths, [T, B, H], bytes);
  }
}

const SETS: [name: string, make: () => Promise<KernelInstance>][] = [
  ...RUNNABLE_BUILDS.map((build): (typeof SETS)[0] => [`${build}.wasm`, () => instanceOf(build)]),
  ...BACKENDS.filter((name) => name === "javascript").map((name): (typeof SETS)[0] => [
    name,
    () => createKernels(name),
  ]),
];

describe.each(SETS)("%s writes nothing beyond the scratch memory that it asks for", async (_, make) => {
  const bench = new Bench(await make());

  test.each(["linearForward", "linearForwardPacked", "linearBackward"] as const)("in %s", (kernel) => {
    for (const sizes of LINEAR) bench[kernel](sizes);
  });

  test("in gatherBackward", () => {
    for (const sizes of GATHER) bench.gatherBackward(sizes);
  });

  test.each(["lstmForward", "lstmBackward"] as const)("in %s", (kernel) => {
    for (const sizes of LSTM) bench[kernel](sizes);
  });
});

describe.each(RUNNABLE_BUILDS)("%s.wasm asks for no more than it writes to", async (build) => {
  const bench = new Bench(await instanceOf(build));

  test.each<Sizes>([
    [100, 64, 64],
    [2, 4000, 8],
    [300, 8, 256],
    [1, 50_000, 8],
    [600, 68, 260],
    [130, 68, 1028],
  ])("in a linear layer of %i rows, %i by %i", (M, N, K) => {
    const written = Math.max(bench.linearForward([M, N, K]), bench.linearForwardPacked([M, N, K]));
    expect(4 * written).toBe(wasmScratch.linearForward(M, N, K));
    expect(4 * bench.linearBackward([M, N, K])).toBe(wasmScratch.linearBackward(M, N, K));
  });

  test.each<Sizes>([
    [257, 1, 4],
    [1000, 300, 20],
  ])("for %i rows of %i tokens, %i wide", (...sizes) => {
    const [rows, V, N] = sizes;
    expect(4 * bench.gatherBackward([rows, V, N])).toBe(wasmScratch.gatherBackward(rows, V, N));
  });

  test("for more rows than a group of blocks has", () => {
    expect(4 * bench.linearBackward([16_385, 12, 4])).toBe(wasmScratch.linearBackward(16_385, 12, 4));
    expect(4 * bench.lstmBackward([16_385, 1, 4])).toBe(wasmScratch.lstmBackward(16_385, 1, 4));
  });

  test.each<Sizes>([
    [300, 1, 16],
    [2, 3, 64],
    [2, 80, 256],
  ])("in an LSTM layer of %i steps, %i sequences, %i units", (T, B, H) => {
    expect(4 * bench.lstmBackward([T, B, H])).toBe(wasmScratch.lstmBackward(T * B, B, H));
    // A single row multiplied by weights of less than 512 KB has its sums in registers.
    if (B > 1) expect(4 * bench.lstmForward([T, B, H])).toBe(wasmScratch.lstmForward(B, H));
  });
});

test("writing beyond the scratch memory is detected", async () => {
  const bench = new Bench(await instanceOf(RUNNABLE_BUILDS[0]!));
  const sizes: Sizes = [2, 8, 8];
  const needed = wasmScratch.linearForward(...sizes);
  expect(() => bench.linearForward(sizes, needed - 4)).toThrow(/linearForward of 2,8,8 on \d+ bytes/);
  bench.linearForward(sizes, needed);
});

test("a vocabulary of 50 000 tokens takes 200 KB for a single row", () => {
  expect(wasmScratch.linearForward(1, 50_000, 512)).toBe(200_000);
  expect(wasmScratch.linearBackward(1, 50_000, 512)).toBe(0);
});

test("sizes beyond 32 bits do not overflow", () => {
  const [N, K] = [2_000_000, 1024];
  expect(wasmScratch.linearForward(2, N, K)).toBe(4 * K * (4 + 64));
  expect(wasmScratch.linearForward(2e9, N, K)).toBe(4 * 512 * (72 + N));
  expect(wasmScratch.linearBackward(2, N, K)).toBe(4 * 512 * (72 + K));
  expect(wasmScratch.linearBackward(1e9, N, 4)).toBe(4 * (256 * 4 + 256 * 64 + 4 * N));
  expect(wasmScratch.lstmBackward(1e12, 1e6, 32_768)).toBe(4 * 4 * 32_768 * (72 + 32_768));
});

test("the JavaScript kernels take none, but to list the rows of many tokens", async () => {
  const { scratchBytes } = await createKernels("javascript");
  for (const kernel of Object.values(scratchBytes) as ((...sizes: number[]) => number)[])
    expect(kernel(100, 100, 100)).toBe(0);
  expect(scratchBytes.gatherBackward(300, 100, 100)).toBe(4 * (300 + 101));
});
