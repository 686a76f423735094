import { describe, expect, test } from "vitest";
import type { Kernels } from "../internals/kernels.js";
import { instanceOf } from "./instances.js";
import { DEBUG } from "./read-build.js";

// In the debug build a kernel that is given a wrong size or address ends with a message that names it. In the published
// builds it would compute something, or write into something else's memory.

const MEMORY = 1 << 20;

/** An argument that is right, and what is wrong in its place. */
interface Argument {
  readonly right: number;
  readonly wrong: readonly number[];
}

const { kernels, memory } = await instanceOf(DEBUG);
memory.reserve(MEMORY);
const end = memory.buffer.byteLength;
let next = memory.base;

/** Room for numbers of 32 bits, and addresses of the wrong alignment, below all that is planned, and too near the end. */
function array(length: number, alignment: number): Argument {
  const right = next;
  next += Math.ceil(length / 4) * 16;
  const last = end - 4 * length;
  return { right, wrong: [0, 16, right + alignment / 2, right + alignment + 1, last + alignment, end + 1024] };
}

const floats = (length: number) => array(length, 16);
const optional = ({ right, wrong }: Argument): Argument => ({ right, wrong: wrong.filter((address) => address !== 0) });
/** Floats of which a kernel only knows that there are so many at least. */
const atLeast = (known: number, length: number): Argument => ({ ...floats(known), right: floats(length).right });
const scratch = () => atLeast(0, 8192);

/** Integers in [0, limit), and in their place one that is not. */
function integers(length: number, limit: number): Argument {
  const { right, wrong } = array(length, 4);
  const bad = [limit, -1].map((value) => {
    const { right: address } = array(length, 4);
    new Int32Array(memory.buffer, address, length).fill(value, length - 1);
    return address;
  });
  return { right, wrong: [...wrong, ...bad] };
}

/** Targets: also −1. */
function targets(length: number, limit: number): Argument {
  const { right, wrong } = integers(length, limit);
  const bad = array(length, 4).right;
  new Int32Array(memory.buffer, bad, length).fill(-2, length - 1);
  return { right, wrong: [...wrong.slice(0, -1), bad] };
}

/** The rows of each of T steps, and in their place those that rise, begin with another number, or end with none. */
function counts(): Argument {
  const list = (...values: number[]) => {
    const { right } = array(T, 4);
    new Int32Array(memory.buffer, right, T).set(values);
    return right;
  };
  return { right: list(2, 1, 1), wrong: [list(2, 1, 2), list(1, 1, 1), list(2, 1, 0), list(2, 2, 2) + 2, 16] };
}

const scalar = (right: number): Argument => ({ right, wrong: [] });
const count = (right: number): Argument => ({ right, wrong: [0, -1, -(2 ** 31), 2 ** 30] });
/** A size without a tail. 2³⁰ is none either: that many floats are more than memory can have. */
const padded = (right: number): Argument => ({
  right,
  wrong: [...count(right).wrong, right + 1, right + 2, right - 1],
});

const n = () => padded(8);
const [M, N, K, T, B, H, V] = [3, 8, 4, 3, 2, 4, 5];
/** What {@link counts} add up to. */
const rows = 4;
const states = () => floats((B + rows) * H);
/** A row for which there is no memory; where V is not among the arguments, nothing less can be noticed. */
const BEYOND = MEMORY;

const CALLS: Readonly<Record<keyof Kernels, readonly Argument[]>> = {
  exp: [floats(8), floats(8), n()],
  sigmoid: [floats(8), floats(8), n()],
  tanh: [floats(8), floats(8), n()],
  log: [floats(8), floats(8), n()],
  clear: [array(5, 4), { right: 5, wrong: [-1, 2 ** 30] }],
  copyRows: [
    ...[array(5, 4), optional(integers(M, BEYOND)), { right: 6, wrong: [4, 0] }],
    ...[array(5, 4), optional(integers(M, BEYOND)), { right: 6, wrong: [4, 0] }],
    ...[count(M), { right: 5, wrong: [0, -1, 7] }],
  ],
  linearForward: [floats(M * N), floats(M * K), floats(K * N), floats(N), scratch(), count(M), padded(N), padded(K)],
  packWeights: [floats(K * N), floats(K * N), count(K), padded(N), { right: 8, wrong: [0, 4, 32] }],
  linearForwardPacked: [
    ...[floats(M * N), floats(M * K), floats(K * N), floats(N), scratch(), count(M), padded(N), padded(K)],
    ...[{ right: 8, wrong: [0, 32, 48] }],
  ],
  linearColumns: [
    ...[floats(4), floats(K), floats((K - 1) * N + 4), floats(4), floats(4)],
    ...[{ right: 4, wrong: [0, 3, N + 4] }, padded(N), padded(K)],
  ],
  linearBackward: [
    ...[optional(floats(M * K)), floats(K * N), floats(N), floats(M * N), floats(M * K), floats(K * N), scratch()],
    ...[count(M), padded(N), padded(K)],
  ],
  gatherForward: [floats(M * N), integers(M, BEYOND), atLeast(N, V * N), optional(floats(N)), count(M), padded(N)],
  gatherBackward: [
    ...[floats(V * N), optional(floats(N)), floats(M * N), integers(M, V), scratch()],
    ...[count(M), count(V), padded(N)],
  ],
  lstmForward: [
    ...[states(), states(), floats(rows * 4 * H), floats(H * 4 * H), counts(), scratch()],
    ...[count(T), count(B), padded(H)],
  ],
  lstmStepPacked: [
    ...[floats(2 * B * H), floats(2 * B * H), floats(B * 4 * H), floats(H * 4 * H), scratch()],
    ...[count(B), padded(H), { right: 8, wrong: [0, 32, 48] }],
  ],
  cellForward: [floats(B * H), floats(B * H), floats(B * 4 * H), floats(B * H), count(B), padded(H)],
  lstmBackward: [
    ...[floats(rows * H), floats(B * H), floats(B * H), floats(H * 4 * H), floats(rows * 4 * H)],
    ...[states(), states(), floats(H * 4 * H), counts(), scratch()],
    ...[count(T), count(B), padded(H)],
  ],
  dropout: [floats(8), floats(8), n(), { right: 0.5, wrong: [1, -0.1, Number.NaN] }, scalar(7)],
  softmax: [floats(M * N), count(M), count(V), padded(N), scalar(1)],
  crossEntropy: [
    ...[floats(M * N), targets(M, V), optional(array(M, 4))],
    ...[count(M), { ...count(V), wrong: [0, -1, N + 1] }, padded(N), scalar(1)],
  ],
  squaredError: [
    ...[
      array(M * N, 4),
      array(M * N, 4),
      optional(array(M, 4)),
      count(M),
      { ...count(V), wrong: [0, -1, N + 1] },
      padded(N),
    ],
    ...[scalar(0), scalar(1)],
  ],
  pinball: [
    ...[array(M * N, 4), array(M * N, 4), optional(array(M, 4)), count(M)],
    ...[{ ...count(V), wrong: [0, -1, N + 1] }, padded(N), { right: 0, wrong: [-1, V] }, { right: 1, wrong: [0, -1] }],
    ...[{ right: 0.5, wrong: [0, 1, -0.1, Number.NaN] }, scalar(1)],
  ],
  add: [floats(8), floats(8), n()],
  sumOfSquares: [floats(8), n()],
  clipByValue: [floats(8), n(), scalar(1)],
  sgd: [floats(8), floats(8), floats(8), optional(floats(8)), n(), ...[0.1, 0.9, 0, 1].map(scalar)],
  adam: [
    ...[floats(8), floats(8), floats(8), floats(8), floats(8), n()],
    ...[0.1, 0.9, 0.999, 1e-8, 0.1, 0.001, 0, 1, 1].map(scalar),
  ],
  rmsprop: [floats(8), floats(8), floats(8), floats(8), n(), ...[0.1, 0.99, 1e-8, 0, 1].map(scalar)],
};

describe.each(Object.entries(CALLS) as [keyof Kernels, Argument[]][])("%s", (name, args) => {
  const kernel = kernels[name] as (...args: number[]) => unknown;
  const right = args.map((argument) => argument.right);

  test("computes on what is right", () => {
    kernel(...right);
  });

  test("says so where an argument is wrong, and where that is looked at", () => {
    const message = new RegExp(`^abort: ${name}: .+ at assembly/[a-z]+\\.ts:\\d+:\\d+$`);
    for (const [i, { wrong }] of args.entries())
      for (const value of wrong)
        expect(() => kernel(...right.with(i, value)), `argument ${i}: ${value}`).toThrow(message);
  });
});

test("a message says which array is misplaced", () => {
  expect(() => kernels.add(next + 4, next, 8)).toThrow(/^abort: add: address of out, x \[n\] at assembly\/simd\.ts:/);
  expect(() => kernels.add(next, next, 7)).toThrow(/^abort: add: size n at assembly\/simd\.ts:/);
});
