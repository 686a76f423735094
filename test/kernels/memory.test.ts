import { describe, expect, test } from "vitest";
import { BACKENDS } from "../backends.js";
import { createKernels } from "../internals/kernels.js";

const MEBIBYTE = 2 ** 20;

describe.each(BACKENDS)("the memory of %s", (backend) => {
  test("grows to what is reserved, and keeps its contents", async () => {
    const { memory } = await createKernels(backend);
    memory.reserve(MEBIBYTE);
    new Uint8Array(memory.buffer).fill(7, memory.base);
    memory.reserve(3 * MEBIBYTE + 4);
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(3 * MEBIBYTE + 4);
    const bytes = new Uint8Array(memory.buffer);
    expect(bytes.subarray(memory.base, MEBIBYTE).every((byte) => byte === 7)).toBe(true);
    expect(bytes.subarray(MEBIBYTE).every((byte) => byte === 0)).toBe(true);
  });

  test("stays as it is where there is enough", async () => {
    const { memory } = await createKernels(backend);
    memory.reserve(MEBIBYTE);
    const { buffer } = memory;
    memory.reserve(MEBIBYTE);
    memory.reserve(1);
    expect(memory.buffer).toBe(buffer);
  });

  test("is still what the kernels compute on after it has grown", async () => {
    const { memory, kernels } = await createKernels(backend);
    memory.reserve(3 * MEBIBYTE);
    const x = new Float32Array(memory.buffer, 2 * MEBIBYTE, 8).fill(3);
    expect(kernels.sumOfSquares(x.byteOffset, x.length)).toBe(72);
  });

  test("belongs to one instance alone", async () => {
    const one = await createKernels(backend);
    const other = await createKernels(backend);
    const x = new Float32Array(one.memory.buffer, one.memory.base, 4).fill(3);
    expect(one.kernels.sumOfSquares(x.byteOffset, x.length)).toBe(36);
    expect(other.kernels.sumOfSquares(x.byteOffset, x.length)).toBe(0);
  });

  test("beyond any host is refused, and what was there stays usable", async () => {
    const { memory, kernels } = await createKernels(backend);
    const x = new Float32Array(memory.buffer, memory.base, 4).fill(3);
    expect(() => memory.reserve(2 ** 50)).toThrow();
    expect(kernels.sumOfSquares(x.byteOffset, x.length)).toBe(36);
  });
});
