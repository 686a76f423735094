import { expect } from "vitest";
import type { Backend, KernelInstance, Kernels, ScratchBytes } from "../internals/kernels.js";
import { createKernels } from "../internals/kernels.js";
import { instanceOf } from "./instances.js";
import { DEBUG } from "./read-build.js";

/** The least that holds the arrays of most tests: it is compared as a whole after every kernel. */
const MEMORY_BYTES = 1 << 19;
const GUARD_BYTES = 64;
/** Bytes of a vector: arrays begin at a multiple, as in a plan. */
const ALIGNMENT = 16;
/** All ones: NaN as a float, −1 as an integer, so that what is read without having been written shows in the result. */
const POISON = 0xff;

/** Arrays in the memory of a backend, each with poison before and after it. */
export class Workspace {
  private next: number;
  /** Taken once: a fresh copy for each of thousands of kernels would be most of the tests' time. */
  private readonly expected: ArrayBuffer;

  /** How much scratch memory the kernels say they take. */
  readonly scratchBytes: ScratchBytes;
  private readonly kernels: Kernels;
  private readonly buffer: ArrayBufferLike;
  private readonly base: number;

  private constructor({ kernels, memory, scratchBytes }: KernelInstance) {
    this.kernels = kernels;
    this.scratchBytes = scratchBytes;
    this.buffer = memory.buffer;
    this.base = memory.base;
    this.next = memory.base;
    this.expected = new ArrayBuffer(memory.buffer.byteLength);
    this.clear();
  }

  static async on(kernels: Backend | typeof DEBUG, bytes = MEMORY_BYTES): Promise<Workspace> {
    const instance = await (kernels === DEBUG ? instanceOf(kernels) : createKernels(kernels));
    instance.memory.reserve(bytes);
    return new Workspace(instance);
  }

  /** Forgets all arrays. What lies below the base is the kernels' own. */
  clear(): void {
    this.next = this.base;
    new Uint8Array(this.buffer).fill(POISON, this.base);
  }

  /** An array that is given. */
  floats(values: ArrayLike<number>): Float32Array {
    const array = this.output(values.length);
    array.set(values);
    return array;
  }

  /** An array of int32 that is given. */
  integers(values: ArrayLike<number>): Int32Array {
    const array = new Int32Array(this.buffer, this.take(values.length), values.length);
    array.set(values);
    return array;
  }

  /** Scratch memory, as much as a kernel says that it takes for these sizes. */
  scratch<Kernel extends keyof ScratchBytes>(
    kernel: Kernel,
    ...sizes: Parameters<NonNullable<ScratchBytes[Kernel]>>
  ): Float32Array {
    const bytes = this.scratchBytes[kernel] as (...sizes: number[]) => number;
    return this.output(bytes(...sizes) / 4);
  }

  /** An array that is to be written. */
  output(length: number): Float32Array {
    return new Float32Array(this.buffer, this.take(length), length);
  }

  /**
   * Runs a kernel, and checks that it writes to `outputs` and nowhere else.
   *
   * @param args the kernel's arguments, arrays in place of their addresses
   * @returns what the kernel returns, where it returns something
   */
  run(kernel: keyof Kernels, outputs: readonly ArrayBufferView[], ...args: (ArrayBufferView | number)[]): number {
    const [memory, expected] = [new Uint8Array(this.buffer), new Uint8Array(this.expected)];
    expected.set(memory);
    const result = this.call(kernel, ...args);
    for (const { byteOffset, byteLength } of outputs)
      expected.set(memory.subarray(byteOffset, byteOffset + byteLength), byteOffset);
    expect(this.firstDifference(), `${kernel} writes beyond its outputs, at`).toBe(-1);
    return result;
  }

  /** Runs a kernel without checks. */
  call(kernel: keyof Kernels, ...args: (ArrayBufferView | number)[]): number {
    const call = this.kernels[kernel].bind(this.kernels) as (...args: number[]) => number;
    return call(...args.map((arg) => (typeof arg === "number" ? arg : arg.byteOffset)));
  }

  /** The first address, but for the last three bits, where the memory is not as expected, or −1. */
  private firstDifference(): number {
    const [memory, expected] = [new BigInt64Array(this.buffer), new BigInt64Array(this.expected)];
    for (let i = 0; i < memory.length; i++) if (memory[i] !== expected[i]) return 8 * i;
    return -1;
  }

  private take(length: number): number {
    const address = Math.ceil((this.next + GUARD_BYTES) / ALIGNMENT) * ALIGNMENT;
    this.next = address + 4 * length;
    if (this.next + GUARD_BYTES > this.buffer.byteLength) throw new Error(`${this.next} bytes do not fit`);
    return address;
  }
}
